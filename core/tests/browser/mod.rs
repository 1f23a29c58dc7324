//! What a browser must do, in a window and in a worker.

mod calls;
mod drops;
mod faults;
mod node;
mod patterns;
mod platform;
