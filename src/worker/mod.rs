//! Turns commands into engine calls and engine results into events.
