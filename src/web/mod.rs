//! Thin wrappers around the browser.
