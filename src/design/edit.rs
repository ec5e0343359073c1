//! Changes to a drawing as data. Applying one gives back its inverse, which is all that undo needs.

use super::{Component, Design, Frame, FrameKind, Link, LinkRole, Settings};
use crate::design::field::{Configurable, FieldError, Value};
use crate::design::link::LinkConfig;
use crate::design::script::Action;
use crate::design::traffic::TrafficError;
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::objective::Objective;
use crate::sorted;

/// One change to a drawing.
#[allow(clippy::large_enum_variant, reason = "edits are few and short-lived; a box would only hide the component")]
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Adds a component under the identity that it carries.
    AddComponent(Component),
    /// Removes a component together with its links.
    RemoveComponent(ComponentId),
    /// Adds a link under the identity that it carries.
    AddLink(Link),
    /// Removes a link.
    RemoveLink(LinkId),
    /// Adds a frame under the identity that it carries.
    AddFrame(Frame),
    /// Removes a frame; what it held stays on the drawing.
    RemoveFrame(FrameId),
    /// Moves a component.
    Move(ComponentId, Point),
    /// Gives a frame another place or extent.
    SetArea(FrameId, Rect),
    /// Puts a component into a frame or takes it out.
    SetFrame(ComponentId, Option<FrameId>),
    /// Renames a component.
    Rename(ComponentId, String),
    /// Renames a frame.
    RenameFrame(FrameId, String),
    /// Lets a frame stand for something else.
    SetFrameKind(FrameId, FrameKind),
    /// Sets a parameter of a component.
    SetParameter(ComponentId, &'static str, Value),
    /// Sets a parameter of a link.
    SetLinkParameter(LinkId, &'static str, Value),
    /// Sets a parameter of a frame.
    SetFrameParameter(FrameId, &'static str, Value),
    /// Gives a link another role.
    SetRole(LinkId, LinkRole),
    /// Replaces title, demand, objective, traffic and script.
    SetSettings(Settings),
    /// Several changes that people see as one, in order.
    Batch(Vec<Edit>),
}

/// Why a change cannot be made; the drawing is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    /// There is no such component.
    #[error("there is no component {0}")]
    NoComponent(ComponentId),
    /// There is no such link.
    #[error("there is no link {0}")]
    NoLink(LinkId),
    /// There is no such frame.
    #[error("there is no frame {0}")]
    NoFrame(FrameId),
    /// A component cannot lie in a note.
    #[error("{0} is a note, which holds nothing")]
    HoldsNothing(FrameId),
    /// The identity is in use already.
    #[error("identity {0} is in use")]
    IdTaken(u32),
    /// Such a link makes no sense.
    #[error("{} cannot send {} to {}", .from.key(), .role.word(), .to.key())]
    RoleNotAllowed {
        /// Kind at the start.
        from: super::Kind,
        /// Kind at the end.
        to: super::Kind,
        /// What the link should carry.
        role: LinkRole,
    },
    /// The two are connected in that role already.
    #[error("{from} and {to} are connected that way already")]
    Duplicate {
        /// Start.
        from: ComponentId,
        /// End.
        to: ComponentId,
    },
    /// A component cannot be connected to itself.
    #[error("{0} cannot be connected to itself")]
    SelfLink(ComponentId),
    /// The value does not fit the parameter.
    #[error("`{key}` of {component}: {error}")]
    Parameter {
        /// Component, link or frame, as its identity prints.
        component: String,
        /// Parameter.
        key: String,
        /// What is wrong.
        error: FieldError,
    },
    /// A number of users outside [`super::USERS_RANGE`].
    #[error("{0} users; expected 1 to 100,000,000")]
    Users(u64),
    /// An identity above [`super::ID_LIMIT`].
    #[error("identity {0} is too great; expected at most {limit}", limit = super::ID_LIMIT)]
    IdTooGreat(u32),
    /// A coordinate that is infinite or undefined, or an extent that is negative.
    #[error("a position must be finite, and an extent not negative")]
    Position,
    /// An objective that nothing could be measured against.
    #[error(
        "{percentile}th percentile under {latency_secs} s, {error_share} failed; expected a percentile between 0 \
        and 100, a time above 0 and a share from 0 to 1"
    )]
    Objective {
        /// Percentile.
        percentile: f64,
        /// Its limit [s].
        latency_secs: f64,
        /// Share of errors.
        error_share: f64,
    },
    /// A curve of demand that cannot be followed.
    #[error("traffic pattern {position}: {error}")]
    Traffic {
        /// Which pattern, from 0.
        position: usize,
        /// What is wrong with it.
        error: TrafficError,
    },
    /// A time in the script that is negative, infinite or undefined.
    #[error("the script names {0} s; expected a time that is finite and not negative")]
    ScriptTime(f64),
}

impl Design {
    /// Makes one change and gives back the change that undoes it.
    ///
    /// # Errors
    /// Why it cannot be made; then nothing has changed, in a batch neither.
    pub fn apply(&mut self, edit: Edit) -> Result<Edit, EditError> {
        match edit {
            Edit::AddComponent(component) => self.add_component(component),
            Edit::RemoveComponent(id) => self.remove_component(id),
            Edit::AddLink(link) => self.add_link(link),
            Edit::RemoveLink(id) => {
                let edge = self.edges.remove(&id).ok_or(EditError::NoLink(id))?;
                let link = self.graph.remove_edge(edge).expect("index and graph agree");
                Ok(Edit::AddLink(link))
            }
            Edit::AddFrame(frame) => {
                check_id(frame.id.0)?;
                check_area(frame.area)?;
                if self.frames.contains_key(&frame.id) {
                    return Err(EditError::IdTaken(frame.id.0));
                }
                let id = frame.id;
                self.next_id = self.next_id.max(id.0 + 1);
                self.frames.insert(id, frame);
                Ok(Edit::RemoveFrame(id))
            }
            Edit::RemoveFrame(id) => self.remove_frame(id),
            Edit::Move(id, position) => {
                check_point(position)?;
                let component = self.component_mut(id)?;
                let before = core::mem::replace(&mut component.position, position);
                Ok(Edit::Move(id, before))
            }
            Edit::SetArea(id, area) => {
                check_area(area)?;
                let frame = self.frames.get_mut(&id).ok_or(EditError::NoFrame(id))?;
                Ok(Edit::SetArea(id, core::mem::replace(&mut frame.area, area)))
            }
            Edit::SetFrame(id, frame) => {
                self.check_frame(frame)?;
                let component = self.component_mut(id)?;
                Ok(Edit::SetFrame(id, core::mem::replace(&mut component.frame, frame)))
            }
            Edit::Rename(id, name) => {
                let component = self.component_mut(id)?;
                Ok(Edit::Rename(id, core::mem::replace(&mut component.name, name)))
            }
            Edit::RenameFrame(id, name) => {
                let frame = self.frames.get_mut(&id).ok_or(EditError::NoFrame(id))?;
                Ok(Edit::RenameFrame(id, core::mem::replace(&mut frame.name, name)))
            }
            Edit::SetFrameKind(id, kind) => {
                let frame = self.frames.get_mut(&id).ok_or(EditError::NoFrame(id))?;
                let before = Edit::SetFrameKind(id, core::mem::replace(&mut frame.kind, kind));
                let freed = if kind.holds_parts() { Vec::new() } else { self.empty_frame(id) };
                Ok(Edit::Batch(core::iter::once(before).chain(freed).collect()))
            }
            Edit::SetParameter(id, key, value) => {
                let component = self.component_mut(id)?;
                let before = set(&mut component.config, &id, key, value)?;
                Ok(Edit::SetParameter(id, key, before))
            }
            Edit::SetLinkParameter(id, key, value) => {
                let config: &mut LinkConfig = &mut self.link_mut(id)?.config;
                let before = set(config, &id, key, value)?;
                Ok(Edit::SetLinkParameter(id, key, before))
            }
            Edit::SetFrameParameter(id, key, value) => {
                let frame = self.frames.get_mut(&id).ok_or(EditError::NoFrame(id))?;
                let before = set(&mut frame.config, &id, key, value)?;
                Ok(Edit::SetFrameParameter(id, key, before))
            }
            Edit::SetRole(id, role) => {
                let link = self.link(id).ok_or(EditError::NoLink(id))?;
                let (from, to, before) = (link.from, link.to, link.role);
                if role == before {
                    return Ok(Edit::SetRole(id, before));
                }
                self.check_link(from, to, role)?;
                let link = self.link_mut(id)?;
                Ok(Edit::SetRole(id, core::mem::replace(&mut link.role, role)))
            }
            Edit::SetSettings(settings) => {
                check_settings(&settings)?;
                Ok(Edit::SetSettings(core::mem::replace(&mut self.settings, settings)))
            }
            Edit::Batch(edits) => {
                let mut inverses = Vec::with_capacity(edits.len());
                for edit in edits {
                    match self.apply(edit) {
                        Ok(inverse) => inverses.push(inverse),
                        Err(error) => {
                            for inverse in inverses.into_iter().rev() {
                                self.apply(inverse).expect("the inverse of a change that was made can be made");
                            }
                            return Err(error);
                        }
                    }
                }
                inverses.reverse();
                Ok(Edit::Batch(inverses))
            }
        }
    }

    /// A drawing that is part of the product.
    ///
    /// # Panics
    /// If its parts do not fit together.
    pub(super) fn of(
        settings: Settings,
        components: impl IntoIterator<Item = Component>,
        links: impl IntoIterator<Item = Link>,
    ) -> Self {
        let mut design = Self { settings, ..Self::default() };
        for component in components {
            assert!(design.add_component(component).is_ok(), "no other component has its identity");
        }
        for link in links {
            assert!(design.add_link(link).is_ok(), "it connects what fits");
        }
        design
    }

    fn add_component(&mut self, component: Component) -> Result<Edit, EditError> {
        check_point(component.position)?;
        let id = component.id;
        check_id(id.0)?;
        if self.nodes.contains_key(&id) {
            return Err(EditError::IdTaken(id.0));
        }
        self.check_frame(component.frame)?;
        self.next_id = self.next_id.max(id.0 + 1);
        let node = self.graph.add_node(component);
        self.nodes.insert(id, node);
        Ok(Edit::RemoveComponent(id))
    }

    fn remove_component(&mut self, id: ComponentId) -> Result<Edit, EditError> {
        let node = *self.nodes.get(&id).ok_or(EditError::NoComponent(id))?;
        // Nothing is connected to itself, so no link is listed twice.
        let mut links: Vec<Link> = self.links_from(id).into_iter().chain(self.links_to(id)).cloned().collect();
        sorted::sort_by(&mut links, |a, b| a.id.cmp(&b.id));
        self.nodes.remove(&id);
        for link in &links {
            self.edges.remove(&link.id);
        }
        // Removing the node takes its edges along.
        let component = self.graph.remove_node(node).expect("index and graph agree");
        let restore = core::iter::once(Edit::AddComponent(component)).chain(links.into_iter().map(Edit::AddLink));
        Ok(Edit::Batch(restore.collect()))
    }

    fn remove_frame(&mut self, id: FrameId) -> Result<Edit, EditError> {
        let frame = self.frames.remove(&id).ok_or(EditError::NoFrame(id))?;
        let freed = self.empty_frame(id);
        Ok(Edit::Batch(core::iter::once(Edit::AddFrame(frame)).chain(freed).collect()))
    }

    /// Takes all components out of a frame; gives the edits that put them back.
    fn empty_frame(&mut self, id: FrameId) -> Vec<Edit> {
        let held = self.graph.node_weights_mut().filter(|component| component.frame == Some(id));
        held.map(|component| {
            component.frame = None;
            Edit::SetFrame(component.id, Some(id))
        })
        .collect()
    }

    /// Whether a component may lie in `frame`.
    fn check_frame(&self, frame: Option<FrameId>) -> Result<(), EditError> {
        let Some(id) = frame else { return Ok(()) };
        let frame = self.frame(id).ok_or(EditError::NoFrame(id))?;
        if frame.kind.holds_parts() { Ok(()) } else { Err(EditError::HoldsNothing(id)) }
    }

    fn add_link(&mut self, link: Link) -> Result<Edit, EditError> {
        if self.edges.contains_key(&link.id) {
            return Err(EditError::IdTaken(link.id.0));
        }
        check_id(link.id.0)?;
        self.check_link(link.from, link.to, link.role)?;
        let (from, to) = (self.nodes[&link.from], self.nodes[&link.to]);
        let id = link.id;
        self.next_id = self.next_id.max(id.0 + 1);
        let edge = self.graph.add_edge(from, to, link);
        self.edges.insert(id, edge);
        Ok(Edit::RemoveLink(id))
    }

    /// Whether a link of `role` may be drawn from `from` to `to`.
    ///
    /// # Errors
    /// Why not.
    pub fn check_link(&self, from: ComponentId, to: ComponentId, role: LinkRole) -> Result<(), EditError> {
        let start = self.component(from).ok_or(EditError::NoComponent(from))?;
        let end = self.component(to).ok_or(EditError::NoComponent(to))?;
        if from == to {
            return Err(EditError::SelfLink(from));
        }
        let (from_kind, to_kind) = (start.config.kind(), end.config.kind());
        if !from_kind.roles_to(to_kind).contains(&role) {
            return Err(EditError::RoleNotAllowed { from: from_kind, to: to_kind, role });
        }
        if self.links_from(from).iter().any(|link| link.to == to && link.role == role) {
            return Err(EditError::Duplicate { from, to });
        }
        Ok(())
    }

    fn component_mut(&mut self, id: ComponentId) -> Result<&mut Component, EditError> {
        let node = *self.nodes.get(&id).ok_or(EditError::NoComponent(id))?;
        Ok(&mut self.graph[node])
    }

    fn link_mut(&mut self, id: LinkId) -> Result<&mut Link, EditError> {
        let edge = *self.edges.get(&id).ok_or(EditError::NoLink(id))?;
        Ok(&mut self.graph[edge])
    }
}

fn set(
    config: &mut impl Configurable,
    owner: &dyn core::fmt::Display,
    key: &str,
    value: Value,
) -> Result<Value, EditError> {
    let fail = |error| EditError::Parameter { component: owner.to_string(), key: key.to_owned(), error };
    let before = config.get(key).ok_or_else(|| fail(FieldError::Unknown { key: key.to_owned() }))?;
    config.set(key, value).map_err(fail)?;
    Ok(before)
}

const fn check_id(id: u32) -> Result<(), EditError> {
    if id <= super::ID_LIMIT { Ok(()) } else { Err(EditError::IdTooGreat(id)) }
}

fn check_settings(settings: &Settings) -> Result<(), EditError> {
    let check_users = |users| if super::USERS_RANGE.contains(&users) { Ok(()) } else { Err(EditError::Users(users)) };
    check_users(settings.users)?;
    let Objective { percentile, latency_secs, error_share } = settings.objective;
    let sensible = percentile > 0.0
        && percentile < 100.0
        && latency_secs > 0.0
        && latency_secs.is_finite()
        && (0.0..=1.0).contains(&error_share);
    if !sensible {
        return Err(EditError::Objective { percentile, latency_secs, error_share });
    }
    settings.traffic.check().map_err(|(position, error)| EditError::Traffic { position, error })?;
    for event in &settings.script {
        if !event.at_secs.is_finite() || event.at_secs < 0.0 {
            return Err(EditError::ScriptTime(event.at_secs));
        }
        if let Action::SetUsers(users) = event.action {
            check_users(users)?;
        }
    }
    Ok(())
}

const fn check_point(point: Point) -> Result<(), EditError> {
    if point.x.is_finite() && point.y.is_finite() { Ok(()) } else { Err(EditError::Position) }
}

fn check_area(area: Rect) -> Result<(), EditError> {
    check_point(area.origin)?;
    if area.width >= 0.0 && area.height >= 0.0 && area.width.is_finite() && area.height.is_finite() {
        Ok(())
    } else {
        Err(EditError::Position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{FrameConfig, Kind};

    fn component(id: u32, kind: Kind) -> Component {
        Component {
            id: ComponentId(id),
            name: format!("{} {id}", kind.key()),
            config: kind.default_config(),
            position: Point::new(f64::from(id), 0.0),
            frame: None,
        }
    }

    fn link(id: u32, from: u32, to: u32, role: LinkRole) -> Link {
        Link { id: LinkId(id), from: ComponentId(from), to: ComponentId(to), role, config: LinkConfig::default() }
    }

    /// Users (1), a server (2) and a database (3), connected by links 4 and 5, the server in frame 6.
    fn chain() -> Design {
        let frame = Frame {
            id: FrameId(6),
            name: "Zone".to_owned(),
            kind: FrameKind::Zone,
            area: Rect::default(),
            config: FrameConfig::default(),
        };
        let mut design = Design::new();
        for edit in [
            Edit::AddComponent(component(1, Kind::Users)),
            Edit::AddComponent(component(2, Kind::Server)),
            Edit::AddComponent(component(3, Kind::SqlDatabase)),
            Edit::AddLink(link(4, 1, 2, LinkRole::Requests)),
            Edit::AddLink(link(5, 2, 3, LinkRole::Queries)),
            Edit::AddFrame(frame),
            Edit::SetFrame(ComponentId(2), Some(FrameId(6))),
        ] {
            design.apply(edit).expect("the chain can be drawn");
        }
        design
    }

    #[test]
    fn every_edit_has_an_inverse() {
        let settings = Settings { title: "Other".to_owned(), users: 5, ..Settings::default() };
        for edit in [
            Edit::AddComponent(component(9, Kind::Cache)),
            Edit::RemoveComponent(ComponentId(2)),
            Edit::AddLink(link(9, 1, 2, LinkRole::Static)),
            Edit::RemoveLink(LinkId(4)),
            Edit::RemoveFrame(FrameId(6)),
            Edit::Move(ComponentId(1), Point::new(7.0, 8.0)),
            Edit::SetArea(FrameId(6), Rect { width: 5.0, ..Rect::default() }),
            Edit::SetFrame(ComponentId(2), None),
            Edit::Rename(ComponentId(1), "Visitors".to_owned()),
            Edit::RenameFrame(FrameId(6), "Here".to_owned()),
            Edit::SetFrameKind(FrameId(6), FrameKind::Region),
            Edit::SetFrameKind(FrameId(6), FrameKind::Note),
            Edit::SetParameter(ComponentId(2), "cores", Value::Number(2.0)),
            Edit::SetLinkParameter(LinkId(4), "retries", Value::Number(2.0)),
            Edit::SetRole(LinkId(5), LinkRole::Reads),
            Edit::SetSettings(settings),
        ] {
            let mut design = chain();
            let inverse = design.apply(edit.clone()).expect("it can be made");
            assert_ne!(design, chain(), "{edit:?} changes something");
            design.apply(inverse).expect("its inverse can be made");
            assert_eq!(design, chain(), "{edit:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let unknown = ComponentId(99);
        for (edit, error) in [
            (Edit::AddComponent(component(2, Kind::Cache)), EditError::IdTaken(2)),
            (Edit::AddComponent(component(u32::MAX, Kind::Cache)), EditError::IdTooGreat(u32::MAX)),
            (Edit::AddLink(link(4, 2, 3, LinkRole::Reads)), EditError::IdTaken(4)),
            (Edit::AddLink(link(9, 1, 99, LinkRole::Requests)), EditError::NoComponent(unknown)),
            (Edit::AddLink(link(9, 2, 2, LinkRole::Requests)), EditError::SelfLink(ComponentId(2))),
            (
                Edit::AddLink(link(9, 1, 2, LinkRole::Requests)),
                EditError::Duplicate { from: ComponentId(1), to: ComponentId(2) },
            ),
            (
                Edit::AddLink(link(9, 1, 3, LinkRole::Queries)),
                EditError::RoleNotAllowed { from: Kind::Users, to: Kind::SqlDatabase, role: LinkRole::Queries },
            ),
            (Edit::Move(ComponentId(1), Point::new(f64::NAN, 0.0)), EditError::Position),
            (Edit::SetArea(FrameId(6), Rect { width: -1.0, ..Rect::default() }), EditError::Position),
            (Edit::SetFrame(ComponentId(1), Some(FrameId(99))), EditError::NoFrame(FrameId(99))),
            (Edit::RemoveLink(LinkId(99)), EditError::NoLink(LinkId(99))),
            (Edit::SetSettings(Settings { users: 0, ..Settings::default() }), EditError::Users(0)),
        ] {
            let mut design = chain();
            assert_eq!(design.apply(edit), Err(error));
            assert_eq!(design, chain());
        }
    }

    #[test]
    fn a_note_holds_nothing() {
        let mut design = chain();
        design.apply(Edit::SetFrameKind(FrameId(6), FrameKind::Note)).expect("any frame can become a note");
        assert_eq!(design.component(ComponentId(2)).map(|server| server.frame), Some(None));
        let back = design.apply(Edit::SetFrame(ComponentId(2), Some(FrameId(6))));
        assert_eq!(back, Err(EditError::HoldsNothing(FrameId(6))));
    }

    #[test]
    fn removing_a_component_takes_its_links_along() {
        let mut design = chain();
        design.apply(Edit::RemoveComponent(ComponentId(2))).expect("drawn");
        assert_eq!(design.links().count(), 0);
        assert_eq!(design.components().count(), 2);
    }

    #[test]
    fn giving_a_link_the_role_that_it_has_is_no_error() {
        let mut design = chain();
        design.apply(Edit::SetRole(LinkId(4), LinkRole::Requests)).expect("nothing to refuse");
        assert_eq!(design, chain());
    }

    #[test]
    fn identities_are_not_given_again_after_removal() {
        let mut design = chain();
        assert_eq!(design.fresh_id(), 7);
        design.apply(Edit::RemoveFrame(FrameId(6))).expect("drawn");
        assert_eq!(design.fresh_id(), 8);
    }
}
