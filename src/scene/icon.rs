//! The icons of the kinds: one family, drawn for this product in lines on a square of 24 units. Diagram, palette and
//! exported pictures use the same path data.
//!
//! To be drawn without filling, with lines 1.6 units wide whose ends and corners are round.

use crate::design::Kind;
use crate::design::preset::Preset;

/// Width of the lines on the square of 24 units.
pub const LINE_WIDTH: f64 = 1.6;

/// Edge of the square on which icons are drawn.
pub const EXTENT: f64 = 24.0;

/// A relational database that follows another one.
pub const REPLICA: &str = "M4 6.5c0-1.4 2.5-2.5 5.5-2.5s5.5 1.1 5.5 2.5-2.5 2.5-5.5 2.5S4 7.9 4 6.5z\
    M4 6.5v8c0 1.4 2.5 2.5 5.5 2.5M4 10.5c0 1.4 2.5 2.5 5.5 2.5\
    M13 12.7c.9-.4 2.1-.7 3.5-.7 2 0 3.5.9 3.5 2s-1.5 2-3.5 2-3.5-.9-3.5-2 0-.5 0-1.3zM13 14v4.5c0 1.1 1.5 2 3.5 2s3.5-.9 3.5-2V14";

/// What marks a dead machine: a broken circle with a bar, as on a switch.
pub const DOWN: &str = "M12 3.5v8M7.4 6.2a7.5 7.5 0 1 0 9.2 0M5 20.5l14-15";

/// The icon of a preset, as SVG path data.
pub fn of_preset(preset: &Preset) -> &'static str {
    match preset.key {
        "replica" => REPLICA,
        "web_server" => {
            "M3.5 4.5h17v15h-17zM3.5 9h17M6.5 6.75h.1M9.5 6.75h.1M12 11.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM9 14.5h6M12 11.5v6"
        }
        "api_server" => "M3.5 4.5h17v15h-17zM9.5 9L6.5 12l3 3M14.5 9l3 3-3 3M12.8 8l-1.6 8",
        "app_server" => {
            "M3.5 4.5h17v15h-17zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 7v2M12 15v2M7 12h2M15 12h2M8.5 8.5l1.4 1.4M14.1 14.1l1.4 1.4M15.5 8.5l-1.4 1.4M9.9 14.1l-1.4 1.4"
        }
        "web_client_server" => {
            "M3.5 4.5h17v11h-17zM9 19.5h6M12 15.5v4M7 8h4v4.5H7zM13.5 8H17M13.5 10.3H17M13.5 12.5H17"
        }
        "search_service" => "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5M8 9h5M8 12h5",
        "notification_service" => "M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 20.5h4M12 3v2",
        "payment_service" => "M3.5 6h17v12h-17zM3.5 10h17M6.5 14.5h4M15 14.5h2.5",
        "user_service" => "M12 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM5 20c0-3.6 3.1-6 7-6s7 2.4 7 6z",
        "content_service" => "M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 15h6M9 9h2",
        _ => of_kind(preset.kind()),
    }
}

/// The icon of a kind, as SVG path data.
pub const fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Users => {
            "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5c0-3.3 2.9-5.5 6.5-5.5s6.5 2.2 6.5 5.5\
             M15.5 4.9a3.3 3.3 0 0 1 0 6.4M17.5 14.4c2.4.7 4 2.5 4 5.1"
        }
        Kind::Dns => {
            "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c2.4 2.3 3.6 5.2 3.6 8.5s-1.2 6.2-3.6 8.5\
             M12 3.5c-2.4 2.3-3.6 5.2-3.6 8.5s1.2 6.2 3.6 8.5"
        }
        Kind::LoadBalancer => {
            "M3 12h6M9 12l6-6.5h5M9 12h11M9 12l6 6.5h5M17.8 3.3l2.4 2.2-2.4 2.2M17.8 9.8l2.4 2.2-2.4 2.2M17.8 16.3l2.4 2.2-2.4 2.2"
        }
        Kind::Gateway => "M12 3l7.5 2.8v5.4c0 4.6-3 8-7.5 9.8-4.5-1.8-7.5-5.2-7.5-9.8V5.8zM8.5 12l2.5 2.5 4.5-4.8",
        Kind::Server => {
            "M5.5 3.5h13a1.5 1.5 0 0 1 1.5 1.5v4.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 9.5V5a1.5 1.5 0 0 1 1.5-1.5z\
             M5.5 13h13a1.5 1.5 0 0 1 1.5 1.5V19a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 19v-4.5A1.5 1.5 0 0 1 5.5 13z\
             M7.5 7.25h.1M7.5 16.75h.1M11 7.25h5.5M11 16.75h5.5"
        }
        Kind::Machine => "M4.5 4.5h15v11h-15zM4.5 19.5h15M9.5 15.5v4M14.5 15.5v4M8 8h3.5v4H8zM13.5 8h2.5M13.5 12h2.5",
        Kind::ContainerPool => {
            "M3.5 5.5h17v13h-17zM6.5 8.5h4v3h-4zM13.5 8.5h4v3h-4zM6.5 13.5h4v2.5h-4zM13.5 13.5h4v2.5h-4zM7 21h10"
        }
        Kind::Pipeline => {
            "M3 12h4M7 9.5h4v5H7zM11 12h3M14 9.5h4v5h-4zM18 12h3M9 6.5c0-1.6 1.4-3 3.5-3s3.5 1.4 3.5 3M14.5 5.5L16 7l1.5-1.5M5 19.5h14"
        }
        Kind::WebsocketService => {
            "M4 8.5h11M12 5l3.5 3.5L12 12M20 15.5H9M12 12l-3.5 3.5L12 19M4 4.5v3M20 16.5v3M4 11.5v8M20 4.5v8"
        }
        Kind::Cache => "M12 3.5l8.5 4.5-8.5 4.5L3.5 8zM3.5 12l8.5 4.5 8.5-4.5M3.5 16l8.5 4.5 8.5-4.5",
        Kind::NosqlDatabase => "M12 3.5l7.5 4.25v8.5L12 20.5l-7.5-4.25v-8.5zM4.5 7.75L12 12l7.5-4.25M12 12v8.5",
        Kind::DatabaseBalancer => {
            "M3 12h5M8 12l5-6M8 12l5 6M13 5.5c0-1 1.8-1.7 4-1.7s4 .7 4 1.7-1.8 1.7-4 1.7-4-.7-4-1.7zM13 5.5v3c0 1 1.8 1.7 4 1.7s4-.7 4-1.7v-3\
             M13 15.5c0-1 1.8-1.7 4-1.7s4 .7 4 1.7-1.8 1.7-4 1.7-4-.7-4-1.7zM13 15.5v3c0 1 1.8 1.7 4 1.7s4-.7 4-1.7v-3"
        }
        Kind::ShardRouter => {
            "M12 3.5v6M12 9.5L5 15M12 9.5l7 5.5M12 9.5V15M2.5 15h5v5.5h-5zM9.5 15h5v5.5h-5zM16.5 15h5v5.5h-5z"
        }
        Kind::SessionStore => {
            "M3.5 5.5h17v13h-17zM8.5 12.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5.5 16c0-1.5 1.3-2.5 3-2.5s3 1 3 2.5M14 9.5h4M14 13h4"
        }
        Kind::Cdn => {
            "M7 18.5a4.5 4.5 0 0 1-.6-8.96 6 6 0 0 1 11.5 1.3A3.9 3.9 0 0 1 17.5 18.5zM12 21v-7M9.6 16.2L12 13.8l2.4 2.4"
        }
        Kind::ObjectStorage => {
            "M4 6.5c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6.5l2 12c0 1.1 2.7 2 6 2s6-.9 6-2l2-12"
        }
        Kind::Queue => "M3 7.5h4.5v9H3zM9.75 7.5h4.5v9h-4.5zM16.5 7.5H21v9h-4.5zM3 20.5h18M3 3.5h18",
        Kind::Worker => {
            "M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2\
             M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2"
        }
        Kind::ThirdParty => {
            "M8.5 17.5H6a3 3 0 0 1-.3-5.98 5 5 0 0 1 9.6-1.7M13 15.5h7.5M17.7 12.7l2.8 2.8-2.8 2.8M20.5 20.5H13M13 7l1.5-1.5L16 7"
        }
        Kind::Monitoring => "M3.5 12h4l2.2-6 4.6 12 2.2-6h4M12 3.5h.1M3.5 20.5h17",
        Kind::SqlDatabase => {
            "M4.5 6c0-1.7 3.4-3 7.5-3s7.5 1.3 7.5 3-3.4 3-7.5 3-7.5-1.3-7.5-3z\
             M4.5 6v12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3V6M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3"
        }
    }
}
