//! The versioned file of a design, and the link that carries one.
