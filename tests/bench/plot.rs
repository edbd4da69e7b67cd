//! The distributions as a picture (SVG): for each time, the share of pairs that were made by then.

use std::fmt::Write;

use crate::figures::Series;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 50.0;
const RIGHT: f64 = 20.0;
/// Told apart by people who see few colours, and by their dashes.
const STYLES: [(&str, &str); 4] = [
    ("#0072b2", "none"),
    ("#56b4e9", "6 3"),
    ("#d55e00", "none"),
    ("#777777", "2 3"),
];

/// Draws them; beyond `most` milliseconds nothing is shown.
pub fn distributions(series: &[&Series], most: f64) -> String {
    let x = |ms: f64| LEFT + (WIDTH - LEFT - RIGHT) * ms / most;
    let y = |share: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>Share of RSA-4096 pairs made within a time</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let at = y(share);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#dddddd\"/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{:.0} %</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0,
            100.0 * share
        );
    }
    for step in 0..=5 {
        let ms = most * f64::from(step) / 5.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.1} s</text>",
            x(ms),
            HEIGHT - BOTTOM + 20.0,
            ms / 1000.0
        );
    }
    for (at, one) in series.iter().enumerate() {
        let (colour, dashes) = STYLES[at % STYLES.len()];
        let mut times = one.times.clone();
        times.sort_by(f64::total_cmp);
        let mut path = format!("M{:.1} {:.1}", x(0.0), y(0.0));
        for (count, ms) in times.iter().enumerate() {
            if *ms > most {
                break;
            }
            let share = (count + 1) as f64 / times.len() as f64;
            let _ = write!(path, "H{:.1}V{:.1}", x(*ms), y(share));
        }
        if times.last().is_some_and(|last| *last <= most) {
            let _ = write!(path, "H{:.1}", x(most));
        }
        let label = HEIGHT - BOTTOM - 12.0 - 20.0 * (series.len() - 1 - at) as f64;
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
             stroke-dasharray=\"{dashes}\"/>\n<path d=\"M{:.1} {:.1}h30\" stroke=\"{colour}\" \
             stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/><text x=\"{:.1}\" \
             y=\"{label:.1}\">{}</text>",
            WIDTH - 260.0,
            label - 4.0,
            WIDTH - 222.0,
            one.name
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">from the request to the checked \
         pair</text>\n</svg>",
        LEFT + (WIDTH - LEFT - RIGHT) / 2.0,
        HEIGHT - 8.0
    );
    svg
}
