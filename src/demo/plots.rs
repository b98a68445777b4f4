//! Optimizer plots as files: HTML pieces, and a PNG.

use std::fmt::Write;

/// One HTML piece: the objective over the trials as an inline SVG.
pub fn html(title: &str, values: &[f64]) -> String {
    let (low, high) = range(values);
    let mut points = String::new();
    for (i, y) in values.iter().enumerate() {
        let x = 20.0 + 600.0 * i as f64 / values.len().max(1) as f64;
        // a String takes whatever is written
        let _ = write!(points, "{x:.1},{:.1} ", 280.0 - 260.0 * (y - low) / (high - low));
    }
    format!(
        "<div><h3>{title}</h3><p>{n} trials, best {high:.2}</p><svg viewBox=\"0 0 640 300\"><polyline fill=\"none\" stroke=\"#1f77b4\" points=\"{}\"/></svg></div>",
        points.trim_end(),
        n = values.len()
    )
}

fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low < high { (low, high) } else { (0.0, 1.0) }
}

const WIDTH: usize = 160;
const HEIGHT: usize = 100;

/// A small grey PNG with a dot for each value.
pub fn png(values: &[f64]) -> Vec<u8> {
    let (low, high) = range(values);
    let mut picture = vec![0xff_u8; (WIDTH + 1) * HEIGHT];
    for row in picture.chunks_mut(WIDTH + 1) {
        // the filter of the row: none
        row.iter_mut().take(1).for_each(|b| *b = 0);
    }
    for (i, y) in values.iter().enumerate() {
        let x = 4 + i * (WIDTH - 8) / values.len().max(1);
        let down = 4 + ((HEIGHT - 9) as f64 * (1.0 - (y - low) / (high - low))) as usize;
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            if let Some(dot) = picture.get_mut((down + dy) * (WIDTH + 1) + 1 + x + dx) {
                *dot = 0x20;
            }
        }
    }
    let mut header = Vec::new();
    header.extend((WIDTH as u32).to_be_bytes());
    header.extend((HEIGHT as u32).to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, *b"IHDR", &header);
    chunk(&mut out, *b"IDAT", &stored(&picture));
    chunk(&mut out, *b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    out.extend((body.len() as u32).to_be_bytes());
    let checked = [&kind, body].concat();
    out.extend(&checked);
    out.extend(crc(&checked).to_be_bytes());
}

/// A zlib stream of blocks that are not compressed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        let size = block.len() as u16;
        out.extend(size.to_le_bytes());
        out.extend((!size).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler(bytes).to_be_bytes());
    out
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |c: u32| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
    !bytes.iter().fold(!0, |crc, b| (0..8).fold(crc ^ u32::from(*b), |c, _| step(c)))
}

fn adler(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_standard_ones() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn constant_and_missing_values_are_drawn() {
        assert!(png(&[]).starts_with(b"\x89PNG"));
        assert!(html("µ", &[1.0, 1.0]).contains("2 trials"));
    }
}
