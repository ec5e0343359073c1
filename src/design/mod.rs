//! The drawing: components, links and frames that people edit, save and share. It may be unfinished; whether it can
//! run is decided by `network::compile`.
//!
//! The drawing *is* a petgraph graph. Its node and edge indices never leave this module, because petgraph hands out a
//! freed index again; everyone else speaks of [`ComponentId`] and [`LinkId`].

pub mod edit;
pub mod examples;
pub mod fault;
pub mod field;
pub mod file;
pub mod frame;
pub mod history;
pub mod kind;
pub mod link;
pub mod place;
pub mod preset;
pub mod price;
pub mod script;
pub mod traffic;

use petgraph::Direction;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};

pub use self::frame::{Frame, FrameConfig, FrameKind};
pub use self::kind::{ComponentConfig, Kind};
pub use self::link::{Link, LinkConfig, LinkRole};
use self::script::ScriptEvent;
use self::traffic::Traffic;
use crate::geometry::Point;
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::objective::Objective;
use crate::sorted;

/// Least and greatest number of users that a design may have.
pub const USERS_RANGE: std::ops::RangeInclusive<u64> = 1..=100_000_000;

/// Greatest identity that a component, link or frame may have, so that fresh ones never run out.
pub const ID_LIMIT: u32 = 2_000_000_000;

/// A box of the drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Lasting identity.
    pub id: ComponentId,
    /// What people call it.
    pub name: String,
    /// Kind and parameters.
    pub config: ComponentConfig,
    /// Centre of its card.
    pub position: Point,
    /// The innermost frame that it belongs to.
    pub frame: Option<FrameId>,
}

/// What stands beside the graph: title, demand, objective, traffic and script.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Title of the design.
    pub title: String,
    /// Registered users at the start, in [`USERS_RANGE`].
    pub users: u64,
    /// What the design promises.
    pub objective: Objective,
    /// How demand changes with time.
    pub traffic: Traffic,
    /// What happens to it, in order of time.
    pub script: Vec<ScriptEvent>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: "Untitled".to_owned(),
            users: 1000,
            objective: Objective::default(),
            traffic: Traffic::default(),
            script: Vec::new(),
        }
    }
}

/// A drawing of a web system.
#[derive(Clone, Debug, Default)]
pub struct Design {
    graph: StableDiGraph<Component, Link>,
    nodes: sorted::Map<ComponentId, NodeIndex>,
    edges: sorted::Map<LinkId, EdgeIndex>,
    frames: sorted::Map<FrameId, Frame>,
    settings: Settings,
    /// The next identity to give; grows only.
    next_id: u32,
}

impl PartialEq for Design {
    /// Two designs are equal if they show the same; how they came about does not count.
    fn eq(&self, other: &Self) -> bool {
        self.settings == other.settings
            && self.frames == other.frames
            && self.components().eq(other.components())
            && self.links().eq(other.links())
    }
}

impl Design {
    /// An empty drawing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Title, demand, objective, traffic and script.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All components by identity, which is the order in which they were added.
    pub fn components(&self) -> impl Iterator<Item = &Component> {
        self.nodes.values().map(|&node| &self.graph[node])
    }

    /// All links by identity.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.edges.values().map(|&edge| &self.graph[edge])
    }

    /// All frames by identity.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.values()
    }

    /// The frames that components can lie in, by identity: all but notes.
    pub fn holding_frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames().filter(|frame| frame.kind.holds_parts())
    }

    /// The component `id`; `None` if it has been removed or never was.
    pub fn component(&self, id: ComponentId) -> Option<&Component> {
        self.nodes.get(&id).map(|&node| &self.graph[node])
    }

    /// The link `id`; `None` if it has been removed or never was.
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.edges.get(&id).map(|&edge| &self.graph[edge])
    }

    /// The frame `id`; `None` if it has been removed or never was.
    pub fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(&id)
    }

    /// What people call the component or frame with an identity as it prints, such as `c3` or `f4`; `None` if there is
    /// none.
    pub fn name_of(&self, id: &str) -> Option<&str> {
        let components = self.components().map(|component| (component.id.to_string(), &component.name));
        let mut all = components.chain(self.frames().map(|frame| (frame.id.to_string(), &frame.name)));
        all.find(|(known, _)| known == id).map(|(_, name)| name.as_str())
    }

    /// The frames around a component or around another frame, the innermost first.
    pub fn frames_around(&self, innermost: Option<FrameId>) -> Vec<&Frame> {
        let Some(frame) = innermost.and_then(|id| self.frame(id)) else { return Vec::new() };
        let mut around: Vec<&Frame> = self
            .holding_frames()
            .filter(|other| other.id != frame.id && other.area.holds(frame.area) && other.area != frame.area)
            .collect();
        sorted::sort_by(&mut around, |a, b| a.area.extent().total_cmp(&b.area.extent()));
        around.insert(0, frame);
        around
    }

    /// Links that start at `id`, by identity.
    pub fn links_from(&self, id: ComponentId) -> Vec<&Link> {
        self.links_of(id, Direction::Outgoing)
    }

    /// Links that end at `id`, by identity.
    pub fn links_to(&self, id: ComponentId) -> Vec<&Link> {
        self.links_of(id, Direction::Incoming)
    }

    /// Whether a component runs on a machine that it shares with others, and is paid for with it.
    pub fn is_hosted(&self, id: ComponentId) -> bool {
        self.links_to(id).iter().any(|link| link.role == LinkRole::Hosts)
    }

    /// A component of that name, the first by identity; `None` if there is none.
    pub fn component_named(&self, name: &str) -> Option<&Component> {
        self.components().find(|component| component.name == name)
    }

    /// Groups of components that lead to each other in a circle along links of the roles that `follow` picks; each
    /// group by identity, the groups by their first.
    ///
    /// # Complexity
    /// O(components + links), and sorting.
    pub fn cycles(&self, follow: impl Fn(LinkRole) -> bool) -> Vec<Vec<ComponentId>> {
        let followed = petgraph::visit::EdgeFiltered::from_fn(&self.graph, |edge| follow(edge.weight().role));
        let mut groups: Vec<Vec<ComponentId>> = petgraph::algo::tarjan_scc(&followed)
            .into_iter()
            // Nothing is connected to itself, so a group of one is no circle.
            .filter(|group| group.len() > 1)
            .map(|group| {
                let mut ids: Vec<_> = group.into_iter().map(|node| self.graph[node].id).collect();
                sorted::sort_by(&mut ids, Ord::cmp);
                ids
            })
            .collect();
        sorted::sort_by(&mut groups, Ord::cmp);
        groups
    }

    /// Whether a database follows another and takes no writes: a log leads to it, and none of those it sends on leads back
    /// to it.
    pub fn is_replica(&self, id: ComponentId) -> bool {
        self.links_to(id).iter().any(|link| link.role == LinkRole::Replicate) && !self.replicates_to(id, id)
    }

    /// Whether logs lead from one database to another, by way of others or not.
    pub fn replicates_to(&self, from: ComponentId, to: ComponentId) -> bool {
        let mut reached: Vec<ComponentId> = Vec::new();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            for link in self.links_from(id).into_iter().filter(|link| link.role == LinkRole::Replicate) {
                if link.to == to {
                    return true;
                }
                if !reached.contains(&link.to) {
                    reached.push(link.to);
                    open.push(link.to);
                }
            }
        }
        false
    }

    fn links_of(&self, id: ComponentId, direction: Direction) -> Vec<&Link> {
        let Some(&node) = self.nodes.get(&id) else { return Vec::new() };
        // petgraph lists the newest edge first; identity order does not depend on the editing history.
        let mut links: Vec<_> = self.graph.edges_directed(node, direction).map(|edge| edge.weight()).collect();
        sorted::sort_by(&mut links, |a, b| a.id.cmp(&b.id));
        links
    }

    /// An identity that no component, link or frame of this design has had.
    pub const fn fresh_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Number of links.
    pub fn link_count(&self) -> usize {
        self.graph.edge_count()
    }
}
