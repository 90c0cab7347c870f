//! The certificate as a page of its own: one SVG file, A4 across, with nothing from outside. The hexagons along its
//! head are the record's digest, a colour to a digit. Must never let a name break out of its place.

use super::Certificate;
use crate::ui::measure;
use crate::ui::texts::Texts;

const WIDTH: usize = 1123;
const HEIGHT: usize = 794;
/// Colours of the sixteen digits.
const COLOURS: [&str; 16] = [
    "#326ce5", "#1aa3a3", "#f0a52b", "#5a8dee", "#7a5cc9", "#2e9e6b", "#e4683d", "#0f4fb8", "#44b8a0",
    "#c94f7c", "#8bb7f7", "#d68a1f", "#3d7f99", "#9d7ae0", "#66b36f", "#ef8d6a",
];
const SERIF: &str =
    "Georgia, 'Times New Roman', 'Noto Serif KR', 'Nanum Myeongjo', AppleMyungjo, Batang, serif";
const SANS: &str =
    "'Helvetica Neue', Arial, 'Apple SD Gothic Neo', 'Noto Sans KR', 'Malgun Gothic', sans-serif";
const MONO: &str = "'DejaVu Sans Mono', Menlo, Consolas, monospace";

/// The page.
pub fn svg(certificate: &Certificate, texts: &Texts) -> String {
    let mut page = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\">\n\
         <title>{}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fbfcff\"/>\n\
         <rect x=\"28\" y=\"28\" width=\"{}\" height=\"{}\" rx=\"18\" fill=\"none\" stroke=\"#326ce5\" stroke-width=\"3\"/>\n\
         <rect x=\"40\" y=\"40\" width=\"{}\" height=\"{}\" rx=\"12\" fill=\"none\" stroke=\"#b9cdf5\" stroke-width=\"1\"/>\n",
        escaped(&format!("{} - {}", certificate.quest, certificate.holder())),
        WIDTH - 56,
        HEIGHT - 56,
        WIDTH - 80,
        HEIGHT - 80,
    );
    hexagons(&mut page, &certificate.digest);
    put(&mut page, 205, 26, "fill=\"#326ce5\" letter-spacing=\"4\"", SANS, &texts.say("certificate-title"));
    put(&mut page, 300, 62, "fill=\"#14213d\"", SERIF, certificate.holder());
    put(&mut page, 352, 22, "fill=\"#5b6783\"", SERIF, &texts.say("certificate-has"));
    put(&mut page, 418, 42, "fill=\"#14213d\" font-weight=\"bold\"", SERIF, &certificate.quest);
    let by = format!("{}  ·  {}", certificate.on, certificate.learner);
    put(&mut page, 462, 19, "fill=\"#5b6783\"", SANS, &by);
    figures(&mut page, certificate, texts);
    if certificate.given > 0 {
        let text = texts.say_with("certificate-given", &[("n", &certificate.given.to_string())]);
        put(&mut page, 628, 16, "fill=\"#b3541e\"", SANS, &text);
    }
    put(&mut page, 662, 24, "fill=\"#14213d\"", MONO, &certificate.digest);
    put(&mut page, 690, 14, "fill=\"#5b6783\"", SANS, &texts.say("certificate-check"));
    put(&mut page, 712, 14, "fill=\"#5b6783\"", SANS, &texts.say("certificate-proves"));
    put(&mut page, 738, 13, "fill=\"#8a94ab\" letter-spacing=\"2\"", SANS, "KubeJam");
    page.push_str("</svg>\n");
    page
}

/// A line of text in the middle.
fn put(page: &mut String, y: usize, size: usize, style: &str, family: &str, text: &str) {
    let (x, size) = (WIDTH / 2, fitting(text, size));
    page.push_str(&format!(
        "<text x=\"{x}\" y=\"{y}\" font-family=\"{family}\" font-size=\"{size}\" text-anchor=\"middle\" {style}>{}</text>\n",
        escaped(text)
    ));
}

/// A digit a hexagon, like pods in a row.
fn hexagons(page: &mut String, digest: &str) {
    let digits: Vec<usize> = digest.chars().filter_map(|c| c.to_digit(16)).map(|d| d as usize).collect();
    let step = 46;
    let left = (WIDTH - step * digits.len().saturating_sub(1)) / 2;
    for (index, digit) in digits.into_iter().enumerate() {
        let (x, y) = (left + index * step, if index % 2 == 0 { 104 } else { 124 });
        page.push_str(&format!(
            "<path d=\"M{x} {} l20 11.5 v23 l-20 11.5 l-20 -11.5 v-23 z\" fill=\"{}\" fill-opacity=\"0.88\"/>\n",
            y - 23,
            COLOURS[digit % COLOURS.len()]
        ));
    }
}

fn figures(page: &mut String, certificate: &Certificate, texts: &Texts) {
    let figures = certificate.figures(texts);
    let column = 180;
    let left = (WIDTH - column * (figures.len() - 1)) / 2;
    page.push_str(&format!(
        "<path d=\"M{} 500 h{}\" stroke=\"#b9cdf5\" stroke-width=\"1\"/>\n",
        left - 70,
        column * (figures.len() - 1) + 140
    ));
    for (index, (figure, word)) in figures.iter().enumerate() {
        let x = left + index * column;
        page.push_str(&format!(
            "<text x=\"{x}\" y=\"556\" font-family=\"{SANS}\" font-size=\"36\" font-weight=\"bold\" text-anchor=\"middle\" \
             fill=\"#326ce5\">{}</text>\n<text x=\"{x}\" y=\"586\" font-family=\"{SANS}\" font-size=\"16\" \
             text-anchor=\"middle\" fill=\"#5b6783\">{}</text>\n",
            escaped(figure),
            escaped(word)
        ));
    }
}

/// A size at which the text keeps inside the frame; a column is about six tenths of the size wide.
fn fitting(text: &str, size: usize) -> usize {
    let columns = measure::width(text).max(1);
    size.min((WIDTH - 160) * 10 / (columns * 6)).max(9)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
