//! Everything that a key or a reply sends, cut at every place with pauses as links make them: no key is made up or lost.

use super::*;

/// Pauses between two pieces that are still one sequence, in milliseconds.
const PAUSES: [u64; 4] = [0, 5, 20, 45];

/// What terminals say late, with both ends of what has one.
const REPLIES: &[&str] = &[
    "\x1b]11;rgb:1e1e/jjjj/qqqq\x1b\\",
    "\x1b]11;rgb:1e1e/jjjj/qqqq\x07",
    "\x1b]10;rgb:dddd/DDDD/xxxx\x1b\\",
    "\x1b]4;1;rgb:cccc/0000/0000\x07",
    "\x1b]52;c;RGVsZXRl\x1b\\",
    "\x1bP>|XTerm(390)\x1b\\",
    "\x1bP>|tmux 3.3a\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1bP1$r0;1m\x1b\\",
    "\x1bP!|00000000\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b_Gi=31;ENOENT:D y q\x07",
    "\x1b^a private word\x1b\\",
    "\x1b^Dy\x07",
    "\x1bXany string: q\x1b\\",
    "\x1bXq\x07",
    "\x1b[?62;22c",
    "\x1b[>41;354;0c",
    "\x1b[=1;0c",
    "\x1b[24;80R",
    "\x1b[?1;1R",
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[?2026;2$y",
    "\x1b[4;600;800t",
    "\x1b[?0u",
    "\x1b[I",
    "\x1b[O",
    "\x1b[<35;10;20M",
    "\x1b[<0;10;20m",
];

/// The keys of these pieces, each but the first so long behind the one before.
fn typed<'a>(typist: &mut Typist, pieces: impl IntoIterator<Item = &'a [u8]>, pause: u64) -> Vec<String> {
    let mut keys = Vec::new();
    for (n, piece) in pieces.into_iter().enumerate() {
        if n > 0 {
            keys.extend(typist.waits(pause));
        }
        keys.extend(typist.types(piece));
    }
    keys
}

/// Between two keys, whole, byte by byte, and in two at every place, with every pause.
fn always_means(bytes: &str, wanted: &[&str]) {
    let bytes = bytes.as_bytes();
    let wanted: Vec<_> = ["a"].iter().chain(wanted).chain(&["b"]).copied().collect();
    for pause in PAUSES {
        let mut all: Vec<Vec<&[u8]>> = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]).collect();
        all.extend([vec![bytes], bytes.chunks(1).collect()]);
        for pieces in all {
            let mut typist = Typist::new(false);
            let mut keys = typist.types("a");
            keys.extend(typed(&mut typist, pieces.iter().copied(), pause));
            keys.extend(typist.types("b"));
            assert_eq!(keys, wanted, "{pieces:?}, {pause} ms apart");
            assert_eq!(typist.decoder.due(), None, "{pieces:?}");
        }
    }
}

#[test]
fn a_key_is_that_key_wherever_its_bytes_are_cut() {
    for (bytes, key) in KEYS.iter().filter(|(bytes, _)| *bytes != "\x1b") {
        always_means(bytes, &[key]);
    }
    always_means("\x1b[200~Dy\r\x1b[B\x1b[201~", &["paste Dy\r\u{1b}[B"]);
}

#[test]
fn a_late_reply_is_no_key_wherever_it_is_cut() {
    for reply in REPLIES {
        always_means(reply, &[]);
    }
}

/// The key Esc is one only when nothing came for its time, and what comes then is keys of its own.
#[test]
fn esc_in_front_of_anything_is_esc_after_its_time() {
    let sent = KEYS.iter().map(|(bytes, _)| *bytes).chain(REPLIES.iter().copied());
    for bytes in sent.filter(|bytes| *bytes != "\x1b") {
        let mut typist = Typist::new(false);
        assert!(typist.types("\x1b").is_empty());
        assert_eq!(typist.waits(50), ["Esc"]);
        assert_eq!(typist.types(bytes), meant(bytes), "{bytes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Keys and replies in any order, cut into pieces of any size.
    #[test]
    fn keys_among_replies_are_those_keys(
        sent in prop::collection::vec((any::<bool>(), 0..1000_usize), 1..12),
        cuts in prop::collection::vec((1..9_usize, prop::sample::select(PAUSES.to_vec())), 1..60),
    ) {
        let keys: Vec<_> = KEYS.iter().filter(|(bytes, _)| *bytes != "\x1b").collect();
        let (mut bytes, mut wanted) = (String::new(), Vec::new());
        for (reply, n) in sent {
            if reply {
                bytes.push_str(REPLIES[n % REPLIES.len()]);
            } else {
                let (sent, key) = keys[n % keys.len()];
                bytes.push_str(sent);
                wanted.push((*key).to_owned());
            }
        }
        for slow in [false, true] {
            let mut typist = Typist::new(slow);
            let (mut all, mut rest) = (Vec::new(), bytes.as_bytes());
            for (size, pause) in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, later) = rest.split_at((*size).min(rest.len()));
                all.extend(typist.types(piece));
                all.extend(typist.waits(*pause));
                rest = later;
            }
            all.extend(typist.waits(10_000));
            prop_assert_eq!(&all, &wanted);
        }
    }
}
