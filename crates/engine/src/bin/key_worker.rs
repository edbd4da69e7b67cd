//! The key worker's program: makes the pair and never lets the private key out of this worker
//! but as a file for the person at the page.

fn main() {
    keyside_engine::worker::run();
}
