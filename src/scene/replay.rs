//! Moving requests.
