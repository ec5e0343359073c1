//! What to paint, as a list of shapes.
