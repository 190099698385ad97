//! Encodings: single cases, and a table of texts by encodings of which the outcome is printed.

use encoding_rs::{Encoding, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::*;

/// Decodes in chunks of a length.
fn decode(bytes: &[u8], length: usize, label: Option<&str>) -> (String, Decoder) {
    let mut decoder = Decoder::new(label);
    let mut text = String::new();
    for chunk in bytes.chunks(length) {
        decoder.decode(chunk, false, &mut text);
    }
    decoder.decode(&[], true, &mut text);
    (text, decoder)
}

/// Decodes in chunks of every length and checks that they make no difference.
#[track_caller]
fn check(bytes: &[u8], expected: &str, encoding: &str, issues: &[&str]) {
    for length in 1..=bytes.len().max(1) {
        let (text, decoder) = decode(bytes, length, None);
        assert_eq!(text, expected);
        assert_eq!(decoder.encoding(), encoding);
        let found = decoder.issues();
        let ids: Vec<&str> = found.iter().map(|issue| issue.id.as_str()).collect();
        assert_eq!(ids, issues, "{found:?}");
        assert_eq!(decoder.is_sure(), issues.is_empty());
    }
}

macro_rules! decodes {
    ($($name:ident, $bytes:expr, $expected:expr, $encoding:expr, $issues:expr;)*) => {
        $(#[test] fn $name() { check($bytes, $expected, $encoding, &$issues); })*
    };
}

decodes! {
    nothing, b"", "", "UTF-8", [];
    one_byte, b"a", "a", "UTF-8", [];
    utf8, "a,é,日,👍".as_bytes(), "a,é,日,👍", "UTF-8", [];
    utf8_mark, b"\xef\xbb\xbfa", "a", "UTF-8", [];
    only_a_mark, b"\xef\xbb\xbf", "", "UTF-8", [];
    utf16_le_mark, b"\xff\xfea\0\xe9\0=\xd8M\xdc", "aé👍", "UTF-16LE", [];
    utf16_be_mark, b"\xfe\xff\0a\0\xe9\xd8=\xdcM", "aé👍", "UTF-16BE", [];
    utf16_le_without_mark, b"a\0,\0b\0", "a,b", "UTF-16LE", [];
    utf16_be_without_mark, b"\0a\0,\0b", "a,b", "UTF-16BE", [];
    windows, b"caf\xe9 \x80 \x93x\x94", "café € “x”", "windows-1252", ["not_utf8"];
    both_in_one_file, b"\xc3\xa9 and \xe9", "é and é", "UTF-8", ["not_utf8"];
    half_a_pair, b"\xff\xfea\0=\xd8b\0", "a\u{fffd}b", "UTF-16LE", ["broken_text"];
    half_a_unit, b"\xff\xfea\0b", "a\u{fffd}", "UTF-16LE", ["broken_text"];
    escapes_to_japanese, b"a,\x1b$B$\"\x1b(B\n", "a,あ\n", "ISO-2022-JP", ["not_utf8"];
    an_escape_alone, b"a,\x1b[1mb\n", "a,\x1b[1mb\n", "UTF-8", [];
    one_hanzi_that_could_be_utf8, b"a,\xc4\xa3\n", "a,ģ\n", "UTF-8", ["few_characters"];
}

#[test]
fn a_word_with_a_stray_byte_is_shown_whole_however_the_file_is_cut() {
    // The fuzzer cut a file between a word's first letter and its stray byte.
    let bytes = b"caf\xc3\xa9, na\xc3\xafve, caf\xe9 and na\xefve";
    let told = |length: usize| {
        let mut decoder = Decoder::default();
        let mut text = String::new();
        for chunk in bytes.chunks(length) {
            // Whoever reads takes the text away in between.
            text.clear();
            decoder.decode(chunk, false, &mut text);
        }
        decoder.decode(&[], true, &mut text);
        decoder.issues()
    };
    let whole = told(bytes.len());
    assert!(whole[0].what.contains("\"caf\u{e9}\""), "{whole:?}");
    for length in 1..bytes.len() {
        assert_eq!(told(length), whole, "{length}");
    }
}

#[test]
fn a_label_decides() {
    let (text, decoder) = decode(b"caf\xe9", 2, Some("latin1"));
    assert_eq!(
        (text.as_str(), decoder.encoding()),
        ("café", "windows-1252")
    );
    assert!(decoder.is_sure() && decoder.issues().is_empty());

    let (text, decoder) = decode("é".as_bytes(), 1, Some("windows-1251"));
    assert_eq!((text.as_str(), decoder.encoding()), ("Г©", "windows-1251"));

    let (text, decoder) = decode(b"caf\xe9,\n\xe9", 1, Some("utf-8"));
    assert_eq!(text, "caf\u{fffd},\n\u{fffd}");
    assert_eq!(decoder.issues()[0].id, "broken_text");
    assert!(
        decoder.issues()[0]
            .what
            .starts_with("2 characters are damaged or not UTF-8, the first on line 1")
    );

    let (text, decoder) = decode("é".as_bytes(), 1, Some("klingon"));
    assert_eq!(text, "é");
    assert_eq!(decoder.issues()[0].id, "unknown_encoding");
}

#[test]
fn words_in_doubt_are_shown_with_their_lines() {
    let (bytes, ..) = WINDOWS_1251.encode("товар,цена\nмолоко,90\nхлеб,40\n");
    let (_, decoder) = decode(&bytes, 7, None);
    assert_eq!(
        decoder.issues()[0].what,
        "The file is not UTF-8; it was read as windows-1251, by what is likely: \
         \"товар\" (line 1), \"цена\" (line 1), \"молоко\" (line 2), \"хлеб\" (line 3)."
    );
}

/// A person's export was UTF-8 for 100,000 lines, then rows of an older system followed.
#[test]
fn a_contradiction_late_in_the_file_is_placed() {
    let mut bytes = "Straße,1\n".repeat(100_000).into_bytes();
    bytes.extend("plain,2\n".repeat(3).bytes());
    let mixed = [&bytes[..], b"caf\xe9,3\n"].concat();
    let (text, decoder) = decode(&mixed, 1 << 16, None);
    assert!(text.ends_with("plain,2\ncafé,3\n"));
    let issue = &decoder.issues()[0];
    assert_eq!(issue.at, Position::Line { line: 100_004 });
    assert!(
        issue.what.contains("\"café\" (line 100004)"),
        "{}",
        issue.what
    );

    // Something else altogether from a line on.
    let (japanese, ..) = SHIFT_JIS.encode("これは日本語のとても長い文章です,4\n");
    let glued = ["Straße,1\n".repeat(10_000).as_bytes(), &japanese.repeat(20)].concat();
    let (text, decoder) = decode(&glued, 1 << 16, None);
    let end = "Straße,1\n".to_owned() + &"これは日本語のとても長い文章です,4\n".repeat(20);
    assert!(text.ends_with(&end));
    let issue = &decoder.issues()[0];
    assert_eq!(issue.at, Position::Line { line: 10_001 });
    assert!(
        issue.what.starts_with("From line 10001 on"),
        "{}",
        issue.what
    );
}

#[test]
fn an_encoding_that_shows_late_is_known() {
    let mut bytes = b"plain,1\n".repeat(50_000);
    let (russian, ..) = WINDOWS_1251.encode("доставка задерживается,2\n");
    bytes.extend(russian.repeat(3));
    for length in [1000, 1 << 16, bytes.len()] {
        let (text, decoder) = decode(&bytes, length, None);
        assert_eq!(decoder.encoding(), "windows-1251");
        assert!(text.ends_with("доставка задерживается,2\n"));
        assert_eq!(decoder.issues()[0].at, Position::Line { line: 50_001 });
    }
}

#[test]
fn utf8_cut_at_the_window_is_still_utf8() {
    for shift in 0..4 {
        let text = "x".repeat(shift) + &"日本".repeat(WINDOW_BYTES);
        let (decoded, decoder) = decode(text.as_bytes(), 1 << 16, None);
        assert!(decoded == text && decoder.is_sure());
    }
}

/// Texts as people's files hold them, short and long: those that an encoding cannot write are not
/// asked of it.
const TEXTS: [(&str, &str); 18] = [
    (
        "ticket, English",
        "id,text\n1,“My order hasn’t arrived” – it’s been 3 weeks…\n2,Refund please\n",
    ),
    ("prices", "item,price\nTea,£3.50\nPen,€1.20\nFee,¢5\n"),
    (
        "temperatures",
        "date,reading\n1 May,21 °C ±0.5\n2 May,19 °C ±0.5\n",
    ),
    (
        "names",
        "name,city\nJosé Muñoz,Málaga\nZoë Müller,Köln\nSøren Ågård,Ærø\n",
    ),
    ("one accent", "text,label\ncafé,1\ntea,2\n"),
    (
        "German",
        "text,label\nDie Lieferung kam verspätet und das Gerät ist beschädigt zurückgeschickt worden.,Ärger\nGrüße aus Österreich,schön\n",
    ),
    (
        "French",
        "texte,étiquette\nLe colis est arrivé abîmé à Noël,déçu\nÇa marche très bien où que l’on soit,content\n",
    ),
    (
        "Spanish",
        "texto,clase\n¿Dónde está mi pedido? ¡Llevo tres días esperando!,queja\nMuchas gracias, señor,ok\n",
    ),
    (
        "Russian",
        "текст,метка\nДоставка задерживается на три дня,жалоба\nСпасибо за быстрый ответ,похвала\n",
    ),
    ("Russian, short", "a,b\nда,1\nнет,2\n"),
    (
        "Ukrainian",
        "текст,мітка\nДякую за швидку відповідь, все гаразд,добре\nЄ питання щодо їжі,питання\n",
    ),
    ("Cyrillic capitals", "ГОРОД,КОД\nМОСКВА,77\nТУЛА,71\n"),
    (
        "Japanese",
        "本文,ラベル\n商品がまだ届いていません。至急確認してください。,苦情\nとても満足しています,満足\n",
    ),
    ("Japanese, short", "a,b\n東京,1\n大阪,2\n"),
    ("half-width kana", "a,b\nﾃｽﾄ,1\nﾃﾞｰﾀ,2\n"),
    (
        "Chinese",
        "文本,标签\n快递已经三天没有更新了，请尽快处理。,投诉\n非常满意，下次还会购买,好评\n",
    ),
    ("Chinese, short", "a,b\n北京,1\n上海,2\n"),
    ("one hanzi", "a,b\n模,1\n"),
];

fn utf16(text: &str, order: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(order)
        .collect()
}

/// A text's bytes, if the encoding can write it.
fn encode(encoding: &str, text: &str) -> Option<Vec<u8>> {
    let by = |encoding: &'static Encoding| {
        let (bytes, _, is_lossy) = encoding.encode(text);
        (!is_lossy && !text.is_ascii()).then(|| bytes.into_owned())
    };
    match encoding {
        "UTF-8" => Some(text.as_bytes().to_vec()),
        "UTF-8, mark" => Some([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        "UTF-16LE, mark" => Some(utf16(text, u16::to_le_bytes, true)),
        "UTF-16BE, mark" => Some(utf16(text, u16::to_be_bytes, true)),
        "UTF-16LE" => Some(utf16(text, u16::to_le_bytes, false)),
        "UTF-16BE" => Some(utf16(text, u16::to_be_bytes, false)),
        "windows-1252" => by(WINDOWS_1252),
        "Latin-1" => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect(),
        "windows-1251" => by(WINDOWS_1251),
        "Shift_JIS" => by(SHIFT_JIS),
        "GB18030" => by(GB18030),
        other => by(Encoding::for_label(other.as_bytes()).unwrap()),
    }
}

#[test]
fn no_text_is_silently_wrong_in_any_encoding() {
    const ENCODINGS: [&str; 11] = [
        "UTF-8",
        "UTF-8, mark",
        "UTF-16LE",
        "UTF-16LE, mark",
        "UTF-16BE",
        "UTF-16BE, mark",
        "windows-1252",
        "Latin-1",
        "windows-1251",
        "Shift_JIS",
        "GB18030",
    ];
    const OTHERS: [&str; 7] = [
        "windows-1250",
        "ISO-8859-2",
        "KOI8-R",
        "IBM866",
        "EUC-JP",
        "EUC-KR",
        "Big5",
    ];
    println!("encoding | texts | right | of them flagged | wrong, flagged | wrong, silent");
    for encoding in ENCODINGS.into_iter().chain(OTHERS) {
        let (mut texts, mut right, mut flagged, mut wrong) = (0, 0, 0, Vec::new());
        // Each as it is and many times over.
        for (name, text) in TEXTS {
            for (length, text) in [("short", text.to_owned()), ("long", text.repeat(2000))] {
                let Some(bytes) = encode(encoding, &text) else {
                    continue;
                };
                let (decoded, decoder) = decode(&bytes, 1 << 16, None);
                texts += 1;
                if decoded == text {
                    right += 1;
                    flagged += usize::from(!decoder.is_sure());
                } else {
                    assert!(
                        !decoder.is_sure(),
                        "{encoding}, {name}, {length}: {decoded:.80}"
                    );
                    assert!(!decoder.issues().is_empty());
                    wrong.push(format!("{name} ({length}) as {}", decoder.encoding()));
                }
            }
        }
        println!(
            "{encoding} | {texts} | {right} | {flagged} | {} | 0  {}",
            wrong.len(),
            wrong.join("; ")
        );
        if ENCODINGS.contains(&encoding) {
            assert!(texts >= 10, "{encoding}: {texts} texts");
        }
    }
}
