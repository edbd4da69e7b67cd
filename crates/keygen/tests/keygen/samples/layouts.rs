//! Faults in the layout of the private key.

use keyside_keygen::Finding;

use super::Samples;

impl Samples {
    pub(super) fn layouts(&mut self) {
        let pem = self.pem.clone();
        let lines: Vec<&str> = pem.lines().collect();
        let (first, last) = (lines[0], lines[lines.len() - 1]);
        let body = lines[1..lines.len() - 1].concat();
        let escaped = |accepted| [Finding::EscapedTwice { accepted }];
        self.key("escaped twice", &pem.replace('\n', "\\n"), &escaped(false));
        self.key(
            "escaped twice, Windows",
            &pem.replace('\n', "\\r\\n"),
            &escaped(false),
        );
        let end = format!("{}\\n", pem.trim());
        self.key("its last line break escaped twice", &end, &escaped(true));
        let windows = pem.replace('\n', "\r\n");
        self.key("Windows", &windows, &[Finding::CarriageReturns]);
        self.key(
            "old Macintosh",
            &pem.replace('\n', "\r"),
            &[Finding::CarriageReturns],
        );
        self.key("no final newline", pem.trim(), &[Finding::NoFinalNewline]);
        let both = [Finding::CarriageReturns, Finding::NoFinalNewline];
        self.key("Windows, no final newline", windows.trim(), &both);
        let lost = [Finding::NoLineBreaks, Finding::NoFinalNewline];
        self.key("no line breaks", &lines.concat(), &lost);
        self.key("blanks for line breaks", &lines.join(" "), &lost);
        self.key(
            "blanks, one newline",
            &format!("{}\n", lines.join(" ")),
            &lost[..1],
        );
        let layout = |accepted| [Finding::Layout { accepted }];
        let one_line = format!("{first}\n{body}\n{last}\n");
        self.key("its body in one line", &one_line, &layout(true));
        self.key(
            "indented",
            &pem.replace('\n', "\n  "),
            &[Finding::NoFinalNewline],
        );
        self.key(
            "text around it",
            &format!("Mine:\n{pem}That is it.\n"),
            &layout(true),
        );
        self.key(
            "two line breaks at its end",
            &format!("{pem}\n"),
            &layout(true),
        );
        self.key("twice", &pem.repeat(2), &layout(true));
        self.key(
            "a header",
            &pem.replacen('\n', "\na: b\n\n", 1),
            &layout(true),
        );
        self.key("empty lines", &pem.replace('\n', "\n\n"), &layout(false));
        let markers = [Finding::Markers];
        let tail = lines[1..].join("\n");
        self.key("no first line", &tail, &markers);
        self.key(
            "no last line",
            &lines[..lines.len() - 1].join("\n"),
            &markers,
        );
        self.key("base64 alone", &body, &markers);
        self.key(
            "base64 lines alone",
            &lines[1..lines.len() - 1].join("\n"),
            &markers,
        );
        self.key("a hyphen too few", &pem[1..], &markers);
        self.key(
            "a hyphen too few at its end",
            pem.trim().trim_end_matches("--"),
            &markers,
        );
        self.key("no hyphens", &pem.replace('-', ""), &markers);
        self.key(
            "small letters",
            &pem.replace(first, &first.to_lowercase()),
            &markers,
        );
        self.key(
            "another last line",
            &pem.replace("END PRIVATE", "END RSA PRIVATE"),
            &markers,
        );
        let broken = [Finding::EscapedTwice { accepted: false }, Finding::Markers];
        self.key(
            "escaped twice, no first line",
            &tail.replace('\n', "\\n"),
            &broken,
        );
        let damaged = [Finding::Damaged];
        self.key(
            "cut",
            &format!("{first}\n{}\n{last}\n", &body[..2000]),
            &damaged,
        );
        self.key(
            "cut in a group",
            &format!("{first}\n{}\n{last}\n", &body[..2001]),
            &damaged,
        );
        self.key("cut, no last line", &pem[..2000], &damaged);
        self.key(
            "a letter altered to a mark",
            &pem.replacen("MII", "M!I", 1),
            &damaged,
        );
        self.key("no padding", &pem.replace('=', ""), &damaged);
        self.key(
            "a second block that is broken",
            &format!("{pem}{first}\n!\n{last}\n"),
            &damaged,
        );
        self.key("the first line alone", first, &damaged);
        self.key("empty", "", &[Finding::NoKey]);
        self.key("words", "see the vault", &[Finding::NoKey]);
        for placeholder in ["${NEBIUS_KEY}", "{{ nebius_key }}", "<private key>", "$KEY"] {
            self.key(placeholder, placeholder, &[Finding::Placeholder]);
        }
    }
}
