//! SHA-256 of the files that the reference sets name only by their sum.

/// The first 32 bits of the fractional parts of the square roots and cube roots of the first primes.
fn roots() -> ([u32; 8], [u32; 64]) {
    let primes = (2_u64..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0));
    // the largest r with r^power <= n * 2^(32 * power), whose low 32 bits are the fraction's first
    let fraction = |n: u64, power: u32| {
        let goal = u128::from(n) << (32 * power);
        let (mut low, mut high) = (0_u128, 1_u128 << 38);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if middle.pow(power) <= goal { low = middle } else { high = middle }
        }
        low as u32
    };
    let (mut squares, mut cubes) = ([0; 8], [0; 64]);
    for (i, n) in primes.take(64).enumerate() {
        if let Some(square) = squares.get_mut(i) {
            *square = fraction(n, 2);
        }
        cubes[i] = fraction(n, 3);
    }
    (squares, cubes)
}

/// The sum in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let (mut state, constants) = roots();
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - bytes.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        round(&mut state, block, &constants);
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

fn round(state: &mut [u32; 8], block: &[u8], constants: &[u32; 64]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |all, b| all << 8 | u32::from(*b));
    }
    for i in 16..64 {
        let (a, b) = (words[i - 15], words[i - 2]);
        let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        words[i] = words[i - 16].wrapping_add(s0).wrapping_add(words[i - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in words.iter().zip(constants) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let most = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e, d, c, b, a) =
            (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(s0).wrapping_add(most));
    }
    for (old, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *old = old.wrapping_add(new);
    }
}
