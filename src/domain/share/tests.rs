use std::time::{Duration, Instant};

use super::*;

fn packed(bits: Bits) -> Packed {
    let values: Vec<f32> = (0..16).map(|at| (at as f32 - 7.0) / 3.0).collect();
    Packed::pack(&values, 8, bits)
}

fn demo() -> Demo {
    Demo {
        title: "Which team?".to_owned(),
        about: "Sorts messages to the team that answers them.".to_owned(),
        by: "Ada".to_owned(),
        base: [7; 32],
        target: "team".to_owned(),
        text: vec!["message".to_owned()],
        max_tokens: 64,
        fitted: vec![Fitted::TrimSpace {
            columns: vec!["message".to_owned()],
        }],
        labels: vec!["billing".to_owned(), "<script>alert(1)</script>".to_owned()],
        accuracy: Some((0.875, 200)),
        weight: packed(Bits::F16),
        bias: vec![0.5, -0.5],
        lora: Some(Lora {
            scale: 2.0,
            targets: vec![Projection::Query, Projection::Value],
            pairs: vec![
                [packed(Bits::Int8), packed(Bits::Int4)],
                [packed(Bits::Int4), packed(Bits::Int8)],
            ],
        }),
        examples: vec![vec!["Where is my invoice?".to_owned()]],
    }
}

#[test]
fn a_demo_survives_its_link() {
    let demo = demo();
    let link = demo.link().unwrap();
    assert!(is_link(&link));
    assert_eq!(read(&link), Ok(demo));
}

#[test]
fn what_is_no_link_is_told_apart() {
    for other in ["", "#", "#b", "#b1", "#b.", "#data", "#bx.AAAA", "b1.AAAA"] {
        assert_eq!(read(other), Err(LinkError::NoLink), "{other}");
    }
    assert_eq!(read("#b2.AAAA"), Err(LinkError::Form("2".to_owned())));
    let huge = format!("#b1.{}", "A".repeat(LONGEST_LINK));
    assert_eq!(read(&huge), Err(LinkError::TooLong(LONGEST_LINK + 4)));
}

#[test]
fn what_disguises_text_is_not_written() {
    let long = "x".repeat(500);
    for title in ["a\u{202e}b", "a\u{2066}b", "a\u{0}b", &long] {
        let disguised = Demo {
            title: title.to_owned(),
            ..demo()
        };
        assert!(matches!(disguised.link(), Err(LinkError::Refused(_))));
    }
}

/// Longest that a person would take for at once.
const AT_ONCE: Duration = Duration::from_millis(200);

/// Demos that nobody's Burnish would write, with a sound body and checksum.
fn forged() -> Vec<Demo> {
    let mut forged = Vec::new();
    let mut forge = |change: &dyn Fn(&mut Demo)| {
        let mut demo = demo();
        change(&mut demo);
        forged.push(demo);
    };
    for x in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e9, -1e30] {
        forge(&|demo| demo.bias[0] = x);
        forge(&|demo| demo.weight = Packed::pack(&[x; 16], 8, Bits::F16));
        forge(&|demo| demo.lora.as_mut().unwrap().scale = x);
        forge(&|demo| demo.accuracy = Some((x, 3)));
        for bits in [Bits::Int8, Bits::Int4] {
            let mut scaled = packed(bits);
            scaled.scales[1] = x;
            forge(&|demo| demo.weight = scaled.clone());
            forge(&|demo| demo.lora.as_mut().unwrap().pairs[1][0] = scaled.clone());
        }
    }
    let long = "x".repeat(2_001);
    let wide = "界".repeat(2_001);
    let texts = [
        "\u{202a}a",
        "a\u{202b}",
        "\u{202c}",
        "\u{202d}x",
        "safe\u{202e}gpj.exe",
        "\u{2066}a",
        "\u{2067}b",
        "\u{2068}c",
        "\u{2069}",
        "a\u{0}",
        "\u{7}",
        "\u{1b}[31m",
        "\u{85}",
        "\u{7f}",
        &long,
        &wide,
    ];
    for text in texts {
        forge(&|demo| demo.title = text.to_owned());
        forge(&|demo| demo.about = text.to_owned());
        forge(&|demo| demo.by = text.to_owned());
        forge(&|demo| demo.target = text.to_owned());
        forge(&|demo| demo.text[0] = text.to_owned());
        forge(&|demo| demo.labels[1] = text.to_owned());
        forge(&|demo| demo.examples[0][0] = text.to_owned());
    }
    forge(&|demo| demo.labels[1] = demo.labels[0].clone());
    forge(&|demo| demo.labels[1] = " ".to_owned());
    forge(&|demo| demo.text.clear());
    forge(&|demo| demo.text = vec!["a".to_owned(); 17]);
    forge(&|demo| demo.examples[0].push("b".to_owned()));
    forge(&|demo| demo.examples[0].clear());
    forge(&|demo| demo.examples = vec![vec!["a".to_owned()]; 17]);
    for tokens in [0, 1, 8_193, u32::MAX] {
        forge(&|demo| demo.max_tokens = tokens);
    }
    forge(&|demo| demo.weight = Packed::pack(&[1.0; 24], 8, Bits::Int8));
    forge(&|demo| demo.weight = Packed::pack(&[1.0; 8], 8, Bits::Int8));
    forge(&|demo| demo.weight = Packed::pack(&vec![1.0; 2 * 8_193], 8_193, Bits::Int4));
    let lora = |change: &dyn Fn(&mut Lora)| {
        let mut demo = demo();
        change(demo.lora.as_mut().unwrap());
        demo
    };
    forged.push(lora(&|lora| lora.pairs.clear()));
    forged.push(lora(&|lora| drop(lora.pairs.pop())));
    forged.push(lora(&|lora| {
        lora.pairs[0][0] = Packed::pack(&[1.0; 8], 8, Bits::Int8)
    }));
    forged.push(lora(&|lora| {
        lora.pairs[1][1] = Packed::pack(&[1.0; 24], 8, Bits::Int8)
    }));
    forged.push(lora(&|lora| {
        let many = Packed::pack(&[1.0; 65], 1, Bits::Int8);
        lora.pairs
            .iter_mut()
            .for_each(|pair| *pair = [many.clone(), many.clone()]);
    }));
    forged
}

/// Links that are not to be opened, each for another reason.
fn hostile() -> Vec<String> {
    let demo = demo();
    let sound = demo.link().unwrap();
    let body = body::write(&demo);
    let mut links: Vec<String> = forged()
        .iter()
        .map(|demo| wrapped(&body::write(demo)))
        .collect();
    // Cut and mistyped.
    links.extend(
        (4..sound.len())
            .step_by(5)
            .map(|end| sound[..end].to_owned()),
    );
    links.extend((4..sound.len()).step_by(5).map(|at| {
        let mut bytes = sound.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    }));
    links
        .extend(["\u{202e}", "%00", "<script>", " ", "=", "+/"].map(|end| format!("{sound}{end}")));
    // A sound checksum over a body that ends too early, goes on, or counts what is not there.
    links.extend((0..body.len()).step_by(3).map(|end| wrapped(&body[..end])));
    for rest in [&[0][..], b"more", &[255; 40]] {
        links.push(wrapped(&[&body, rest].concat()));
    }
    for huge in [
        &[0xff, 0xff, 0xff, 0xff, 0x0f][..],
        &[0x80; 10],
        &[0xff; 12],
    ] {
        // Where the lengths of the title and of what follows stand.
        for at in [0, 1 + demo.title.len()] {
            links.push(wrapped(&[&body[..at], huge, &body[at + 1..]].concat()));
        }
    }
    // Bombs, and a link too long to look at.
    for megabytes in [2, 8, 20] {
        links.push(wrapped(&vec![0; megabytes << 20]));
    }
    links.push(format!("#b1.{}", "A".repeat(40_000)));
    for form in ["0", "2", "9", "10", "4294967297", "99999999999999999999"] {
        links.push(sound.replacen("#b1.", &format!("#b{form}."), 1));
    }
    links
}

#[test]
fn hostile_links_are_refused_at_once_with_a_sentence() {
    let links = hostile();
    assert!(links.len() >= 300, "{}", links.len());
    for (at, link) in links.iter().enumerate() {
        let begun = Instant::now();
        let refused = read(link).expect_err(&format!("link {at} opens: {link:.80}"));
        assert!(
            begun.elapsed() < AT_ONCE,
            "link {at}: {:?}",
            begun.elapsed()
        );
        assert!(refused.to_string().len() > 20, "{refused}");
    }
}

#[test]
fn links_of_the_first_form_open_for_ever() {
    let frozen = include_str!("../../../tests/fixtures/share/form_1.txt");
    let links: Vec<&str> = frozen
        .lines()
        .filter(|line| line.starts_with("#b"))
        .collect();
    let found: Vec<Demo> = links.iter().map(|link| read(link).unwrap()).collect();
    let shapes: Vec<(Bits, usize, Option<usize>)> = found
        .iter()
        .map(|demo| {
            let lora = demo.lora.as_ref();
            let rank = lora.map(|lora| lora.pairs[0][0].rows());
            (demo.weight.bits(), demo.weight.width(), rank)
        })
        .collect();
    assert_eq!(
        shapes,
        [
            (Bits::F16, 384, None),
            (Bits::Int8, 384, None),
            (Bits::Int8, 384, Some(1))
        ]
    );
    for demo in found {
        assert_eq!(demo.labels, ["ham", "spam"]);
        assert_eq!(demo.text, ["text"]);
        assert!(demo.link().is_ok());
    }
}
