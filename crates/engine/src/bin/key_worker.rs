//! The program of the key workers. The private key only leaves its worker as a file for the person
//! at the page.

fn main() {
    keyside_engine::worker::run();
}
