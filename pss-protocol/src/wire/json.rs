//! Where a JSON object ends.

/// The length of the object that `input` begins with; `None` when its braces or strings do not close. What is
/// between them is for a JSON reader to judge.
pub(super) fn object_len(input: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut bytes = input.iter().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => loop {
                match bytes.next()?.1 {
                    b'"' => break,
                    b'\\' => {
                        bytes.next();
                    }
                    _ => {}
                }
            },
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}
