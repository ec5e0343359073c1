//! Places on Earth, and how long a packet takes from one to another.
//!
//! # Sources
//! Light travels 200 km of fibre in a millisecond, and cables take detours: with half as much again as the great circle,
//! the round trips of `sirupsen/napkin-math` come out within a quarter (a test compares them).

use super::field::choice;

choice! {
    /// Where a region lies.
    pub enum Place {
        /// Nowhere in particular: as if in the same place as everything else.
        Anywhere = "anywhere",
        /// Ashburn, Virginia.
        Virginia = "virginia",
        /// Columbus, Ohio.
        Ohio = "ohio",
        /// Council Bluffs, Iowa.
        Iowa = "iowa",
        /// The Dalles, Oregon.
        Oregon = "oregon",
        /// São Paulo.
        SaoPaulo = "sao_paulo",
        /// Dublin.
        Ireland = "ireland",
        /// Frankfurt.
        Frankfurt = "frankfurt",
        /// Helsinki.
        Finland = "finland",
        /// Cape Town.
        CapeTown = "cape_town",
        /// Mumbai.
        Mumbai = "mumbai",
        /// Singapore.
        Singapore = "singapore",
        /// Tokyo.
        Tokyo = "tokyo",
        /// Sydney.
        Sydney = "sydney",
    }
}

/// Mean radius of the Earth [km].
const EARTH_RADIUS_KM: f64 = 6371.0;
/// Speed of light in fibre: about two thirds of that in a vacuum [km/s].
const FIBRE_KM_PER_SEC: f64 = 200_000.0;
/// Length of a cable over that of the great circle.
const DETOUR: f64 = 1.5;

impl Place {
    /// Latitude and longitude [degrees]; `None` for [`Place::Anywhere`].
    pub const fn coordinates(self) -> Option<(f64, f64)> {
        Some(match self {
            Self::Anywhere => return None,
            Self::Virginia => (39.0, -77.5),
            Self::Ohio => (40.0, -83.0),
            Self::Iowa => (41.3, -95.9),
            Self::Oregon => (45.6, -121.2),
            Self::SaoPaulo => (-23.5, -46.6),
            Self::Ireland => (53.3, -6.3),
            Self::Frankfurt => (50.1, 8.7),
            Self::Finland => (60.2, 24.9),
            Self::CapeTown => (-33.9, 18.4),
            Self::Mumbai => (19.1, 72.9),
            Self::Singapore => (1.35, 103.8),
            Self::Tokyo => (35.7, 139.7),
            Self::Sydney => (-33.9, 151.2),
        })
    }

    /// Great-circle distance [km], by the haversine formula; 0 if either lies nowhere in particular.
    pub fn distance_km(self, other: Self) -> f64 {
        let (Some((lat, lon)), Some((other_lat, other_lon))) = (self.coordinates(), other.coordinates()) else {
            return 0.0;
        };
        let half = |from: f64, to: f64| {
            let sine = libm::sin((to - from).to_radians() / 2.0);
            sine * sine
        };
        let height = half(lat, other_lat)
            + libm::cos(lat.to_radians()) * libm::cos(other_lat.to_radians()) * half(lon, other_lon);
        2.0 * EARTH_RADIUS_KM * libm::asin(height.sqrt().min(1.0))
    }

    /// Time that a packet takes from one place to the other [s]; 0 if either lies nowhere in particular.
    pub fn one_way_secs(self, other: Self) -> f64 {
        self.distance_km(other) * DETOUR / FIBRE_KM_PER_SEC
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_come_near_the_measured_ones() {
        for (from, to, measured_ms) in [
            (Place::Iowa, Place::Virginia, 25.0),
            (Place::Iowa, Place::Oregon, 40.0),
            (Place::Virginia, Place::Oregon, 60.0),
            (Place::Ireland, Place::Virginia, 80.0),
            (Place::Oregon, Place::Singapore, 180.0),
            (Place::Ireland, Place::Singapore, 160.0),
        ] {
            let round_trip_ms = 2e3 * from.one_way_secs(to);
            let error = round_trip_ms / measured_ms - 1.0;
            assert!(error.abs() < 0.25, "{} to {}: {round_trip_ms} ms", from.word(), to.word());
        }
    }

    #[test]
    fn distances_are_symmetric_and_nothing_is_far_from_nowhere() {
        assert_eq!(Place::Tokyo.distance_km(Place::Ohio), Place::Ohio.distance_km(Place::Tokyo));
        assert!(Place::Tokyo.one_way_secs(Place::Tokyo) == 0.0);
        assert!(Place::Tokyo.one_way_secs(Place::Anywhere) == 0.0);
    }
}
