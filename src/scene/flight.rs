//! How one drawing turns into another before people's eyes: parts that stay keep their place or slide to their new one,
//! and new parts come out of the part that they are connected to. Pure data in, pure data out; the clock is the page's.

use std::collections::BTreeMap;

use crate::design::edit::Edit;
use crate::design::{Component, Design};
use crate::geometry::Point;
use crate::ids::ComponentId;

/// How long it takes [ms].
pub const FLIGHT_MS: f64 = 600.0;

/// How far above its place a part begins that is connected to nothing that was there.
const DROP: f64 = 160.0;

/// Where the parts of a drawing come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flight {
    /// Those that do not begin where they end.
    origins: BTreeMap<ComponentId, Point>,
}

impl Flight {
    /// The way from `before` to `after`; `None` if nothing moves, or if the two have nothing in common and are better
    /// changed at once.
    ///
    /// # Complexity
    /// O(components + links).
    pub fn between(before: &Design, after: &Design) -> Option<Self> {
        let kept: BTreeMap<ComponentId, Point> = after
            .components()
            .filter_map(|component| counterpart(before, component).map(|before| (component.id, before.position)))
            .collect();
        if kept.is_empty() {
            return None;
        }
        let origins: BTreeMap<ComponentId, Point> = after
            .components()
            .filter_map(|component| {
                let origin = kept.get(&component.id).copied().unwrap_or_else(|| {
                    let neighbour = neighbours(after, component.id).find_map(|id| kept.get(&id).copied());
                    neighbour.unwrap_or_else(|| component.position.offset(0.0, -DROP))
                });
                (origin != component.position).then_some((component.id, origin))
            })
            .collect();
        (!origins.is_empty()).then_some(Self { origins })
    }

    /// `design` as it looks when `share` of the way is done, 0 to 1.
    pub fn at(&self, design: &Design, share: f64) -> Design {
        // Quick at first, gentle at the end.
        let rest = libm::pow(1.0 - share.clamp(0.0, 1.0), 3.0);
        let mut moved = design.clone();
        for (&id, &origin) in &self.origins {
            let Some(component) = design.component(id) else { continue };
            let Point { x, y } = component.position;
            let at = Point::new(x + (origin.x - x) * rest, y + (origin.y - y) * rest);
            moved.apply(Edit::Move(id, at)).expect("the part is there, and places between two places are finite");
        }
        moved
    }
}

/// What stood for `component` in the drawing before: the same identity and kind, else the same name and kind.
fn counterpart<'a>(before: &'a Design, component: &Component) -> Option<&'a Component> {
    let is_alike = |other: &&Component| other.config.kind() == component.config.kind();
    before.component(component.id).filter(is_alike).or_else(|| before.component_named(&component.name).filter(is_alike))
}

/// Who is connected to a component, callers first.
fn neighbours(design: &Design, id: ComponentId) -> impl Iterator<Item = ComponentId> {
    let callers = design.links_to(id).into_iter().map(|link| link.from);
    let called = design.links_from(id).into_iter().map(|link| link.to);
    callers.chain(called).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{Kind, Link, LinkConfig, LinkRole};
    use crate::ids::LinkId;
    use crate::scene::tests::three_in_a_row;

    fn with_cache() -> Design {
        let mut design = three_in_a_row();
        let cache = Component {
            id: ComponentId(9),
            name: "Cache".to_owned(),
            config: Kind::Cache.default_config(),
            position: Point::new(600.0, 200.0),
            frame: None,
        };
        design.apply(Edit::AddComponent(cache)).unwrap();
        let link = Link {
            id: LinkId(10),
            from: ComponentId(2),
            to: ComponentId(9),
            role: LinkRole::Lookup,
            config: LinkConfig::default(),
        };
        design.apply(Edit::AddLink(link)).unwrap();
        design
    }

    #[test]
    fn what_stays_rests_and_what_is_new_comes_out_of_its_neighbour() {
        let (before, after) = (three_in_a_row(), with_cache());
        let flight = Flight::between(&before, &after).expect("the cache is new");
        let start = flight.at(&after, 0.0);
        let server = before.component(ComponentId(2)).unwrap().position;
        assert_eq!(start.component(ComponentId(9)).unwrap().position, server);
        for id in [1, 2, 3].map(ComponentId) {
            assert_eq!(start.component(id), before.component(id));
        }
        assert_eq!(flight.at(&after, 1.0), after);
    }

    #[test]
    fn what_has_moved_slides_even_under_another_identity() {
        let before = three_in_a_row();
        let mut after = before.clone();
        after.apply(Edit::Move(ComponentId(3), Point::new(0.0, 300.0))).unwrap();
        let flight = Flight::between(&before, &after).expect("something moves");
        assert_eq!(flight.at(&after, 0.0), before);
        let halfway = flight.at(&after, 0.5).component(ComponentId(3)).unwrap().position;
        assert!(halfway.y > 150.0 && halfway.y < 300.0, "{halfway:?}");
    }

    #[test]
    fn drawings_without_anything_in_common_change_at_once() {
        assert_eq!(Flight::between(&Design::new(), &three_in_a_row()), None);
        assert_eq!(Flight::between(&three_in_a_row(), &three_in_a_row()), None);
    }
}
