//! Which link comes of connecting one component to another, and why none does.
//!
//! A DNS service hands out addresses but is never on the way of the requests: clients talk to the address themselves.
//! So whoever gives a record to a DNS service, or sends users to one that has records, means the way of the requests
//! too, and gets it in the same step.

use crate::design::edit::Edit;
use crate::design::{Component, Design, Kind, Link, LinkConfig, LinkRole};
use crate::editor::place::{self, Offer};
use crate::geometry::Point;
use crate::ids::{ComponentId, LinkId};
use crate::text::{fill, text};

/// A link to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// Who asks.
    pub from: ComponentId,
    /// Who answers.
    pub to: ComponentId,
    /// What travels.
    pub role: LinkRole,
}

/// Why two components cannot be connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// They are one and the same.
    Itself,
    /// They are connected in every way that there is.
    Already,
    /// Nothing ever travels from one kind to the other, but it does the other way round.
    OtherWayRound,
    /// Nothing ever travels between the two kinds.
    Never,
    /// The database follows another one already.
    FollowsAnother,
    /// A replica does not ship its log on.
    FromReplica,
    /// One of them is gone.
    Gone,
}

impl Refusal {
    /// The refusal as a sentence about the components `from` and `to`.
    pub fn words(self, design: &Design, from: ComponentId, to: ComponentId) -> String {
        let name = |id| design.component(id).map_or("", |component| component.name.as_str());
        let key = match self {
            Self::Itself => "itself",
            Self::Already => "already",
            Self::OtherWayRound => "other_way_round",
            Self::Never => "never",
            Self::FollowsAnother => "follows_another",
            Self::FromReplica => "from_replica",
            Self::Gone => "gone",
        };
        fill(&format!("diagram.refusals.{key}"), &[("from", name(from)), ("to", name(to))])
    }
}

/// The links that come of connecting `from` to `to`: first the one asked for, then those that go along with it.
///
/// # Errors
/// Why there is none.
pub fn links(design: &Design, from: ComponentId, to: ComponentId) -> Result<Vec<NewLink>, Refusal> {
    let (Some(start), Some(end)) = (design.component(from), design.component(to)) else { return Err(Refusal::Gone) };
    if from == to {
        return Err(Refusal::Itself);
    }
    let (from_kind, to_kind) = (start.config.kind(), end.config.kind());
    let allowed = from_kind.roles_to(to_kind);
    if allowed.is_empty() {
        let is_reversible = !to_kind.roles_to(from_kind).is_empty();
        return Err(if is_reversible { Refusal::OtherWayRound } else { Refusal::Never });
    }
    if allowed == [LinkRole::Replicate] {
        // What closes a circle makes all on it primaries.
        let closes = design.replicates_to(to, from);
        if is_replica(design, end) && !closes {
            return Err(Refusal::FollowsAnother);
        }
        if is_replica(design, start) && !closes {
            return Err(Refusal::FromReplica);
        }
    }
    let in_use: Vec<LinkRole> =
        design.links_from(from).into_iter().filter(|link| link.to == to).map(|link| link.role).collect();
    let is_free = |role: LinkRole| {
        // Queries are reads and writes already.
        let is_covered = in_use.contains(&LinkRole::Queries) && (role.carries_reads() || role.carries_writes());
        !in_use.contains(&role) && !is_covered
    };
    // A replica takes no writes, so nobody sends it all queries.
    let preferred = (to_kind == Kind::SqlDatabase && is_replica(design, end)).then_some(LinkRole::Reads);
    let role = preferred
        .filter(|role| allowed.contains(role))
        .map_or_else(
            || allowed.iter().copied().find(|&role| is_free(role)),
            |role| Some(role).filter(|&role| is_free(role)),
        )
        .ok_or(Refusal::Already)?;
    let mut links = vec![NewLink { from, to, role }];
    match role {
        LinkRole::Record => {
            let resolving = design.links_to(from).into_iter().filter(|link| link.role == LinkRole::Resolve);
            links.extend(resolving.map(|link| NewLink { from: link.from, to, role: LinkRole::Requests }));
        }
        LinkRole::Resolve => {
            let records = design.links_from(to).into_iter().filter(|link| link.role == LinkRole::Record);
            links.extend(records.map(|link| NewLink { from, to: link.to, role: LinkRole::Requests }));
        }
        _ => {}
    }
    links.retain(|link| design.check_link(link.from, link.to, link.role).is_ok());
    Ok(links)
}

/// The edit that draws `links`. `fresh_id` gives their identities.
pub fn edit(links: &[NewLink], mut fresh_id: impl FnMut() -> u32) -> Edit {
    let add = |&NewLink { from, to, role }: &NewLink| {
        Edit::AddLink(Link { id: LinkId(fresh_id()), from, to, role, config: LinkConfig::default() })
    };
    Edit::Batch(links.iter().map(add).collect())
}

/// The components that `from` can be connected to, in the order in which they were added.
pub fn targets(design: &Design, from: ComponentId) -> Vec<ComponentId> {
    let others = design.components().map(|component| component.id);
    others.filter(|&to| links(design, from, to).is_ok()).collect()
}

/// What could be added and connected to `from` in one step: the parts that it can call.
pub fn offers(design: &Design, from: ComponentId) -> Vec<Offer> {
    Offer::all().into_iter().filter(|&offer| extension(design, &[from], offer, Point::default()).is_some()).collect()
}

/// Something new on the drawing, connected.
#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    /// Adds and connects it.
    pub edit: Edit,
    /// What people go on with: the new part, or where several came at once, the last ones of the way.
    pub go_on_with: Vec<ComponentId>,
}

/// `offer` at `at`, with links from the first of `from`, and from the others where these make sense; `None` if the first
/// has nothing to say to it.
pub fn extension(design: &Design, from: &[ComponentId], offer: Offer, at: Point) -> Option<Extension> {
    let mut draft = design.clone();
    let id = ComponentId(draft.fresh_id());
    let mut ids = draft.clone();
    let mut edits = vec![place::plan(design, offer, at, id, || ids.fresh_id())];
    draft.apply(edits[0].clone()).ok()?;
    // What only passes requests on has its work done by what came with it.
    let passed_on = match offer.preset {
        Some(_) if offer.kind == Kind::LoadBalancer => draft.links_from(id).iter().map(|link| link.to).collect(),
        _ => Vec::new(),
    };
    let go_on_with = if passed_on.is_empty() { vec![id] } else { passed_on };
    for (position, &one) in from.iter().enumerate() {
        // What came with its links is connected already.
        if draft.links_from(one).iter().any(|link| link.to == id) {
            continue;
        }
        match links(&draft, one, id) {
            Ok(links) => {
                let mut ids = draft.clone();
                let edit = edit(&links, || ids.fresh_id());
                draft.apply(edit.clone()).ok()?;
                edits.push(edit);
            }
            Err(_) if position > 0 => {}
            Err(_) => return None,
        }
    }
    Some(Extension { edit: Edit::Batch(edits), go_on_with })
}

/// What connecting `from` to `to` would do, or why it cannot be done, as a sentence.
pub fn words(design: &Design, from: ComponentId, to: ComponentId) -> String {
    match links(design, from, to) {
        Ok(links) => {
            let name = design.component(to).map_or("", |component| component.name.as_str());
            let role = links.first().map_or("", |link| text_of(link.role));
            let key = if links.len() > 1 { "diagram.connects_with_requests" } else { "diagram.connects" };
            fill(key, &[("role", role), ("to", name)])
        }
        Err(refusal) => refusal.words(design, from, to),
    }
}

fn text_of(role: LinkRole) -> &'static str {
    crate::text::lookup(&format!("diagram.roles.{}", role.word())).unwrap_or_else(|| text("diagram.link"))
}

fn is_replica(design: &Design, component: &Component) -> bool {
    design.is_replica(component.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::preset::PRESETS;

    const USERS: ComponentId = ComponentId(1);
    const DNS: ComponentId = ComponentId(2);
    const SERVER: ComponentId = ComponentId(3);
    const PRIMARY: ComponentId = ComponentId(4);
    const REPLICA: ComponentId = ComponentId(5);
    const CACHE: ComponentId = ComponentId(6);

    fn parts() -> Design {
        let mut design = Design::new();
        let kinds = [Kind::Users, Kind::Dns, Kind::Server, Kind::SqlDatabase, Kind::SqlDatabase, Kind::Cache];
        for (id, kind) in (1..).zip(kinds) {
            let component = Component {
                id: ComponentId(id),
                name: format!("Part {id}"),
                config: kind.default_config(),
                position: Point::new(f64::from(id) * 240.0, 0.0),
                frame: None,
            };
            design.apply(Edit::AddComponent(component)).unwrap();
        }
        design
    }

    fn connect(design: &mut Design, from: ComponentId, to: ComponentId) -> Result<Vec<LinkRole>, Refusal> {
        let links = links(design, from, to)?;
        let mut ids = design.clone();
        design.apply(edit(&links, || ids.fresh_id())).expect("planned links can be drawn");
        Ok(links.iter().map(|link| link.role).collect())
    }

    #[test]
    fn the_most_usual_role_comes_first_and_none_twice() {
        let mut design = parts();
        assert_eq!(connect(&mut design, USERS, SERVER), Ok(vec![LinkRole::Requests]));
        assert_eq!(connect(&mut design, USERS, SERVER), Ok(vec![LinkRole::Static]));
        assert_eq!(connect(&mut design, USERS, SERVER), Err(Refusal::Already));
        assert_eq!(connect(&mut design, SERVER, PRIMARY), Ok(vec![LinkRole::Queries]));
        assert_eq!(connect(&mut design, SERVER, PRIMARY), Err(Refusal::Already), "queries are reads and writes");
    }

    #[test]
    fn replicas_follow_one_primary_and_are_only_read_from() {
        let mut design = parts();
        assert_eq!(connect(&mut design, PRIMARY, REPLICA), Ok(vec![LinkRole::Replicate]));
        assert_eq!(connect(&mut design, SERVER, REPLICA), Ok(vec![LinkRole::Reads]));
        assert_eq!(connect(&mut design, SERVER, REPLICA), Err(Refusal::Already));
        assert_eq!(connect(&mut design, PRIMARY, REPLICA), Err(Refusal::FollowsAnother));
    }

    #[test]
    fn a_log_back_makes_two_primaries() {
        let mut design = parts();
        connect(&mut design, PRIMARY, REPLICA).unwrap();
        assert_eq!(connect(&mut design, REPLICA, PRIMARY), Ok(vec![LinkRole::Replicate]));
        assert_eq!(connect(&mut design, SERVER, REPLICA), Ok(vec![LinkRole::Queries]), "it takes writes now");
    }

    #[test]
    fn an_address_brings_the_way_of_the_requests_along() {
        let mut design = parts();
        assert_eq!(connect(&mut design, USERS, DNS), Ok(vec![LinkRole::Resolve]));
        assert_eq!(connect(&mut design, DNS, SERVER), Ok(vec![LinkRole::Record, LinkRole::Requests]));
        assert_eq!(design.links_from(USERS).len(), 2);
        // The other order comes to the same.
        let mut other = parts();
        assert_eq!(connect(&mut other, DNS, SERVER), Ok(vec![LinkRole::Record]));
        assert_eq!(connect(&mut other, USERS, DNS), Ok(vec![LinkRole::Resolve, LinkRole::Requests]));
        // What is there already is not drawn again.
        let mut third = parts();
        connect(&mut third, USERS, SERVER).unwrap();
        connect(&mut third, USERS, DNS).unwrap();
        assert_eq!(connect(&mut third, DNS, SERVER), Ok(vec![LinkRole::Record]));
    }

    fn preset(key: &str) -> Offer {
        let preset = PRESETS.iter().find(|preset| preset.key == key).expect(key);
        Offer { kind: preset.kind(), preset: Some(preset) }
    }

    #[test]
    fn only_parts_that_fit_are_offered() {
        let mut design = parts();
        let kinds = |design: &Design, from| {
            offers(design, from)
                .into_iter()
                .map(|offer| (offer.kind, offer.preset.map(|preset| preset.key)))
                .collect::<Vec<_>>()
        };
        let from_users = kinds(&design, USERS);
        assert!(from_users.contains(&(Kind::LoadBalancer, Some("balanced"))), "{from_users:?}");
        assert!(!from_users.iter().any(|(kind, _)| *kind == Kind::SqlDatabase), "{from_users:?}");
        assert!(kinds(&design, SERVER).contains(&(Kind::Cache, None)));
        connect(&mut design, PRIMARY, REPLICA).unwrap();
        assert!(kinds(&design, REPLICA).is_empty(), "a replica ships nothing on");
    }

    #[test]
    fn a_part_is_added_and_connected_in_one_step_from_all_that_are_selected() {
        let mut design = parts();
        let at = Point::new(0.0, 500.0);
        let added = extension(&design, &[USERS], preset("balanced"), at).expect("users go to balancers");
        design.apply(added.edit).unwrap();
        assert_eq!(added.go_on_with.len(), 2);
        let from = [added.go_on_with[0], added.go_on_with[1], USERS];
        let database = extension(&design, &from, Offer::plain(Kind::SqlDatabase), at).expect("servers ask databases");
        design.apply(database.edit).unwrap();
        let callers: Vec<_> = design.links_to(database.go_on_with[0]).iter().map(|link| link.from).collect();
        assert_eq!(callers, added.go_on_with, "users do not ask databases");
        assert!(extension(&design, &[PRIMARY], preset("replica"), at).is_some());
    }

    #[test]
    fn refusals_say_why_and_name_both() {
        let design = parts();
        assert_eq!(links(&design, SERVER, SERVER), Err(Refusal::Itself));
        assert_eq!(links(&design, PRIMARY, SERVER), Err(Refusal::OtherWayRound));
        assert_eq!(links(&design, USERS, CACHE), Err(Refusal::Never));
        assert_eq!(links(&design, USERS, ComponentId(99)), Err(Refusal::Gone));
        for (from, to) in [(PRIMARY, SERVER), (USERS, CACHE)] {
            let words = words(&design, from, to);
            for name in [from, to].map(|id| design.component(id).unwrap().name.clone()) {
                assert!(words.contains(&name), "{words}");
            }
        }
    }
}
