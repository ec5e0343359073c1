//! Drawings made step by step through the public edits, for tests and benchmarks.

use headroom::design::edit::Edit;
use headroom::design::kind::{server::Server, users::Users};
use headroom::design::place::Place;
use headroom::design::{
    Component, ComponentConfig, Design, Frame, FrameConfig, FrameKind, Link, LinkConfig, LinkRole, Settings,
};
use headroom::distribution::Distribution;
use headroom::geometry::{Point, Rect};
use headroom::ids::{ComponentId, FrameId, LinkId};
use headroom::network::{Network, compile};

/// A drawing in the making.
pub struct Drawing {
    design: Design,
}

impl Drawing {
    /// An empty drawing with so many users.
    pub fn for_users(users: u64) -> Self {
        let mut design = Design::new();
        let settings = Settings { users, ..Settings::default() };
        design.apply(Edit::SetSettings(settings)).expect("within range");
        Self { design }
    }

    /// Adds a component called `name`.
    pub fn add(&mut self, name: &str, config: ComponentConfig) -> ComponentId {
        let id = ComponentId(self.design.fresh_id());
        let component = Component {
            id,
            name: name.to_owned(),
            config,
            position: Point::new(f64::from(id.0) * 200.0, 0.0),
            frame: None,
        };
        self.design.apply(Edit::AddComponent(component)).expect("a new identity");
        id
    }

    /// Connects two components by a link that takes no time and has no timeout.
    pub fn connect(&mut self, from: ComponentId, to: ComponentId, role: LinkRole) -> LinkId {
        self.connect_by(from, to, role, instant_link())
    }

    /// Connects two components by a link with parameters of its own.
    pub fn connect_by(&mut self, from: ComponentId, to: ComponentId, role: LinkRole, config: LinkConfig) -> LinkId {
        let id = LinkId(self.design.fresh_id());
        self.design.apply(Edit::AddLink(Link { id, from, to, role, config })).expect("the two may be connected");
        id
    }

    #[allow(dead_code, reason = "benchmarks draw nothing far apart")]
    /// Puts a component into a region of its own at a place.
    pub fn put(&mut self, component: ComponentId, place: Place) -> FrameId {
        let id = FrameId(self.design.fresh_id());
        let position = self.design.component(component).expect("added").position;
        let area = Rect::centred(position, 100.0, 100.0);
        let name = place.word().to_owned();
        let frame = Frame { id, name, kind: FrameKind::Region, area, config: FrameConfig { place } };
        self.design.apply(Edit::AddFrame(frame)).expect("a new identity");
        self.design.apply(Edit::SetFrame(component, Some(id))).expect("both are there");
        id
    }

    /// The drawing so far.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The drawing, ready to run.
    pub fn network(&self) -> Network {
        compile(self.design()).expect("a drawing without mistakes")
    }
}

/// A link that takes no time, loses nothing and waits for ever.
pub fn instant_link() -> LinkConfig {
    LinkConfig { latency: Distribution::constant(0.0), timeout_secs: None, ..LinkConfig::default() }
}

/// Open users without patience who only read, each one request per second: as many users, as many requests a second.
pub fn poisson_readers() -> Users {
    Users {
        requests_per_user_per_sec: 1.0,
        patience_secs: None,
        read_share: 1.0,
        write_share: 0.0,
        static_share: 0.0,
        ..Users::default()
    }
}

/// One core, first come first served, with room for everyone and nothing to call.
pub fn plain_server(read_work: Distribution) -> Server {
    Server {
        instances: 1,
        cores: 1,
        read_work,
        concurrency: 1_000_000,
        queue_limit: None,
        memory_per_request_mb: 0.0,
        queries_per_read: 0,
        queries_per_write: 0,
        ..Server::default()
    }
}

/// Users who read from one server by an instant link; the design that most formulas speak of.
pub fn one_server(users: u64, demand: Users, server: Server) -> Drawing {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let machine = drawing.add("server", ComponentConfig::Server(server));
    drawing.connect(people, machine, LinkRole::Requests);
    drawing
}
