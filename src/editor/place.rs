//! What the palette offers, and the edit that puts an offer onto the drawing.
//!
//! A read replica is a database like any other until a primary ships its log to it. Whoever asks for one wants just
//! that, so the offer brings its links along. Other presets bring further components.

use crate::design::edit::Edit;
use crate::design::preset::{PRESETS, Preset};
use crate::design::{Component, Design, FrameKind, Kind, Link, LinkConfig, LinkRole};
use crate::editor::frames;
use crate::geometry::Point;
use crate::ids::{ComponentId, LinkId};
use crate::text::text;

/// Distance between the centres of two components that are put down beside each other.
const PITCH: Point = Point::new(220.0, 130.0);

/// Something that can be put onto the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Components.
    Offer(Offer),
    /// A frame.
    Frame(FrameKind),
}

/// Components that the palette offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it becomes.
    pub kind: Kind,
    /// In which shape; `None` for a plain component.
    pub preset: Option<&'static Preset>,
}

impl Offer {
    /// A plain component.
    pub const fn plain(kind: Kind) -> Self {
        Self { kind, preset: None }
    }

    /// Everything on offer, in the order of the palette.
    pub fn all() -> Vec<Self> {
        let mut offers = Vec::new();
        for &kind in Kind::ALL {
            offers.push(Self::plain(kind));
            let presets = PRESETS.iter().filter(|preset| preset.kind() == kind);
            offers.extend(presets.map(|preset| Self { kind, preset: Some(preset) }));
        }
        offers
    }

    /// What people call it.
    pub fn name(self) -> String {
        match self.preset {
            Some(preset) => text(&format!("presets.{}.name", preset.key)).to_owned(),
            None => text(&format!("kinds.{}.name", self.kind.key())).to_owned(),
        }
    }

    /// A sentence about it.
    pub fn about(self) -> String {
        match self.preset {
            Some(preset) => text(&format!("presets.{}.about", preset.key)).to_owned(),
            None => text(&format!("kinds.{}.about", self.kind.key())).to_owned(),
        }
    }
}

/// The edit that adds `offer` with its centre at `at`, under the identity `id`. `fresh_id` gives identities for links.
pub fn plan(design: &Design, offer: Offer, at: Point, id: ComponentId, mut fresh_id: impl FnMut() -> u32) -> Edit {
    // With what the plan adds, so that two of its parts never get one name.
    let mut draft = design.clone();
    let mut add = |id, name: &str, config, position| {
        let frame = frames::innermost(design, position);
        let edit = Edit::AddComponent(Component { id, name: unused_name(&draft, name), config, position, frame });
        draft.apply(edit.clone()).expect("its identity is fresh");
        edit
    };
    let mut edits = Vec::new();
    match offer.preset {
        None => edits.push(add(id, &offer.name(), offer.kind.default_config(), at)),
        Some(preset) => {
            let mut ids = Vec::new();
            for part in preset.parts {
                let id = if ids.is_empty() { id } else { ComponentId(fresh_id()) };
                let (column, row) = part.place;
                let position = at.offset(f64::from(column) * PITCH.x, f64::from(row) * PITCH.y);
                let name = text(&format!("presets.{}.{}", preset.key, part.name)).to_owned();
                edits.push(add(id, &name, part.config(), position));
                ids.push(id);
            }
            for joint in preset.links {
                let (from, to) = (ids[joint.from], ids[joint.to]);
                let link = Link { id: LinkId(fresh_id()), from, to, role: joint.role, config: joint.config() };
                edits.push(Edit::AddLink(link));
            }
        }
    }
    if offer.preset.is_some_and(|preset| preset.is_replica)
        && let Some(primary) = primary_for_replica(design)
    {
        let mut link = |from, role| {
            let id_of_link = LinkId(fresh_id());
            edits.push(Edit::AddLink(Link { id: id_of_link, from, to: id, role, config: LinkConfig::default() }));
        };
        link(primary, LinkRole::Replicate);
        // Whoever reads from the primary may read from the replica too: that is what a read replica is for.
        for reader in design.links_to(primary) {
            match reader.role {
                LinkRole::Queries | LinkRole::Reads => link(reader.from, LinkRole::Reads),
                _ => {}
            }
        }
    }
    if edits.len() == 1 { edits.remove(0) } else { Edit::Batch(edits) }
}

/// A place for a card near `wanted` that covers no other card: the nearest on a grid around it.
pub fn free_place(design: &Design, wanted: Point) -> Point {
    let is_free = |place: Point| {
        design.components().all(|component| {
            let other = component.position;
            (other.x - place.x).abs() >= PITCH.x * 0.9 || (other.y - place.y).abs() >= PITCH.y * 0.9
        })
    };
    // Rings of places around the wanted one; among so many rings one is free, for a ring grows faster than a drawing.
    (0_i32..)
        .find_map(|ring| {
            (-ring..=ring)
                .flat_map(|row| (-ring..=ring).map(move |column| (column, row)))
                .filter(|(column, row)| column.abs().max(row.abs()) == ring)
                .map(|(column, row)| wanted.offset(f64::from(column) * PITCH.x, f64::from(row) * PITCH.y))
                .filter(|&place| is_free(place))
                .min_by(|a, b| a.distance(wanted).total_cmp(&b.distance(wanted)))
        })
        .expect("a finite drawing leaves places free")
}

/// `name`, or `name 2`, `name 3`, … whichever no component has yet.
pub fn unused_name(design: &Design, name: &str) -> String {
    if design.component_named(name).is_none() {
        return name.to_owned();
    }
    (2..)
        .map(|number| format!("{name} {number}"))
        .find(|name| design.component_named(name).is_none())
        .expect("numbers do not end")
}

/// The first database that follows no other; replicas come from it.
fn primary_for_replica(design: &Design) -> Option<ComponentId> {
    design
        .components()
        .filter(|component| component.config.kind() == Kind::SqlDatabase)
        .find(|component| design.links_to(component.id).iter().all(|link| link.role != LinkRole::Replicate))
        .map(|component| component.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(design: &mut Design, kind: Kind, preset: Option<&'static Preset>) -> ComponentId {
        let at = free_place(design, Point::new(0.0, 0.0));
        let id = ComponentId(design.fresh_id());
        let mut ids = design.clone();
        let edit = plan(design, Offer { kind, preset }, at, id, || ids.fresh_id());
        design.apply(edit).expect("the plan can be made");
        id
    }

    #[test]
    fn a_read_replica_comes_with_its_links() {
        let mut design = Design::new();
        let server = place(&mut design, Kind::Server, None);
        let primary = place(&mut design, Kind::SqlDatabase, None);
        let link = Link {
            id: LinkId(design.fresh_id()),
            from: server,
            to: primary,
            role: LinkRole::Queries,
            config: LinkConfig::default(),
        };
        design.apply(Edit::AddLink(link)).expect("servers query databases");
        let replica_preset = PRESETS.iter().find(|preset| preset.is_replica);
        let replica = place(&mut design, Kind::SqlDatabase, replica_preset);
        let links: Vec<_> = design.links_to(replica).iter().map(|link| (link.from, link.role)).collect();
        assert_eq!(links, [(primary, LinkRole::Replicate), (server, LinkRole::Reads)]);
        // A second one follows the primary, not the first replica.
        let second = place(&mut design, Kind::SqlDatabase, replica_preset);
        assert_eq!(design.links_to(second)[0].from, primary);
    }

    #[test]
    fn a_preset_comes_with_all_its_parts_and_links() {
        for preset in PRESETS.iter().filter(|preset| !preset.is_replica) {
            let mut design = Design::new();
            place(&mut design, preset.kind(), Some(preset));
            assert_eq!(design.components().count(), preset.parts.len(), "{}", preset.key);
            assert_eq!(design.link_count(), preset.links.len(), "{}", preset.key);
            let kinds: Vec<Kind> = design.components().map(|component| component.config.kind()).collect();
            let expected: Vec<Kind> = preset.parts.iter().map(|part| part.kind).collect();
            assert_eq!(kinds, expected, "{}", preset.key);
        }
    }

    #[test]
    fn cards_put_down_at_one_place_lie_beside_each_other() {
        let mut design = Design::new();
        for _ in 0..30 {
            place(&mut design, Kind::Server, None);
        }
        let places: Vec<_> = design.components().map(|component| component.position).collect();
        for (position, a) in places.iter().enumerate() {
            for b in &places[position + 1..] {
                assert!((a.x - b.x).abs() >= 198.0 || (a.y - b.y).abs() >= 117.0, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn names_are_numbered_apart() {
        let mut design = Design::new();
        for _ in 0..3 {
            place(&mut design, Kind::Server, None);
        }
        let names: crate::sorted::Set<_> = design.components().map(|component| &component.name).collect();
        assert_eq!(names.len(), 3);
    }
}
