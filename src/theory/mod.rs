//! Closed forms of queueing theory: used by tests and by the theory overlay.
