//! Derives names from a label that need no quoting.

/// The name if nothing of a label remains.
const FALLBACK: &str = "keyside";

/// The suffix of a Secret's name: a bare profile name is likely to clash with another Secret's.
const SECRET_SUFFIX: &str = "-credentials";

/// The longest DNS subdomain, in characters (RFC 1123).
const LONGEST_SUBDOMAIN: usize = 253;

/// A profile name that needs no quoting in a shell: letters, digits, `-`, `_` and `.` of `label`,
/// anything else becomes `-`.
pub fn profile_name(label: &str) -> String {
    let name: String = label
        .trim()
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => c,
            _ => '-',
        })
        .collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        FALLBACK.to_owned()
    } else {
        name.to_owned()
    }
}

/// The name of the profile's Kubernetes Secret: a DNS subdomain by RFC 1123, which has lower-case labels of
/// letters, digits and `-`, separated by single dots, each starting and ending with a letter or digit.
pub fn secret_name(profile: &str) -> String {
    let lower = profile.to_ascii_lowercase();
    let mut name = String::new();
    for label in lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_') {
        let label = label.trim_matches(['-', '_']).replace('_', "-");
        if label.is_empty() {
            continue;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&label);
    }
    // ASCII only by now, so any index is a character boundary.
    name.truncate(LONGEST_SUBDOMAIN - SECRET_SUFFIX.len());
    let stem = name.trim_end_matches(['-', '.']);
    let stem = if stem.is_empty() { FALLBACK } else { stem };
    format!("{stem}{SECRET_SUFFIX}")
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// Every string of up to five of these characters, and long runs of each.
    fn labels() -> impl Iterator<Item = String> {
        const CHARACTERS: [char; 11] = ['a', 'Z', '7', '-', '_', '.', ' ', '\'', '$', '~', 'ß'];
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..5 {
            last = last
                .iter()
                .flat_map(|text| CHARACTERS.map(|c| format!("{text}{c}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        let long = CHARACTERS.map(|c| format!("a{}b.c", c.to_string().repeat(400)));
        all.into_iter().chain(long)
    }

    /// Kubernetes' rule for a Secret's name.
    fn is_subdomain(name: &str) -> bool {
        let is_label = |label: &str| {
            let is_end =
                |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            is_end(label.chars().next())
                && is_end(label.chars().last())
                && label
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        name.len() <= 253 && name.split('.').all(is_label)
    }

    #[test]
    fn a_profile_name_needs_no_quoting() {
        assert_eq!(profile_name("ci"), "ci");
        assert_eq!(profile_name(" build; rm -rf ~ "), "build--rm--rf");
        assert_eq!(profile_name("Größe 1"), "Gr--e-1");
        assert_eq!(profile_name("--"), "keyside");
        assert_eq!(profile_name(""), "keyside");
        for label in labels() {
            let name = profile_name(&label);
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            assert!(!name.is_empty() && name.chars().all(is_plain), "{label:?}");
            assert!(!name.starts_with('-'), "{label:?} would be an option");
            assert_eq!(profile_name(&name), name, "{label:?} twice");
        }
    }

    #[test]
    fn secret_names_are_dns_subdomains() {
        assert_eq!(secret_name("ci"), "ci-credentials");
        assert_eq!(secret_name("Team_A..prod."), "team-a.prod-credentials");
        assert_eq!(secret_name("_._"), "keyside-credentials");
        for label in labels() {
            for profile in [&label, &profile_name(&label)] {
                let name = secret_name(profile);
                assert!(is_subdomain(&name), "{profile:?} gives {name:?}");
            }
        }
    }
}
