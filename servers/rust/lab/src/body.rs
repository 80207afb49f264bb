use std::{future::poll_fn, mem, pin::pin};

use bytes::Bytes;
use futures_core::Stream;

use crate::{answer::Answer, routes::BODY_MOST};

/// Bytes. A piece that is smaller is copied.
const PIECE_LEAST: usize = 4096;

/// The whole body of a request, or what it gets in place of an answer. `announced` is the bytes that its head tells
/// of, where it does.
pub async fn whole<E>(announced: Option<u64>, pieces: impl Stream<Item = Result<Bytes, E>>) -> Result<Bytes, Answer> {
    if announced.is_some_and(|bytes| bytes > BODY_MOST as u64) {
        return Err(Answer::body_too_large());
    }
    let (mut body, mut length) = (Pieces::default(), 0);
    let mut pieces = pin!(pieces);
    while let Some(piece) = poll_fn(|context| pieces.as_mut().poll_next(context)).await {
        let piece = piece.map_err(|_| Answer::body_unreadable())?;
        length += piece.len();
        if length > BODY_MOST {
            return Err(Answer::body_too_large());
        }
        body.push(piece);
    }
    Ok(body.joined())
}

/// What has come so far. A piece keeps the buffer alive that the framework read it into, some kilobytes: where it is
/// most of that, keeping it is cheaper than a copy beside it; a client that sends byte by byte must not have one for
/// each.
#[derive(Default)]
struct Pieces {
    whole: Vec<Bytes>,
    /// Those after the last of `whole`.
    copied: Vec<u8>,
}

impl Pieces {
    fn push(&mut self, piece: Bytes) {
        if piece.len() < PIECE_LEAST {
            self.copied.extend_from_slice(&piece);
        } else {
            self.keep_copied();
            self.whole.push(piece);
        }
    }

    fn keep_copied(&mut self) {
        if !self.copied.is_empty() {
            self.whole.push(mem::take(&mut self.copied).into());
        }
    }

    fn joined(mut self) -> Bytes {
        self.keep_copied();
        match &mut self.whole[..] {
            [] => Bytes::new(),
            [one] => mem::take(one),
            many => many.concat().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use super::*;

    struct Sent(Vec<Result<&'static [u8], ()>>);

    impl Stream for Sent {
        type Item = Result<Bytes, ()>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let next = (!self.0.is_empty()).then(|| self.0.remove(0).map(Bytes::from_static));
            Poll::Ready(next)
        }
    }

    #[tokio::test]
    async fn pieces_are_put_together() {
        for announced in [None, Some(4)] {
            let pieces = Sent(vec![Ok(b"a"), Ok(b""), Ok(b"bcd")]);
            assert_eq!(whole(announced, pieces).await, Ok(Bytes::from_static(b"abcd")));
        }
        assert_eq!(whole(None, Sent(vec![])).await, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn small_and_large_pieces_keep_their_order() {
        static LARGE: [u8; PIECE_LEAST] = [b'L'; PIECE_LEAST];
        let pieces = Sent(vec![
            Ok(b"a"),
            Ok(b"b"),
            Ok(&LARGE),
            Ok(&LARGE),
            Ok(b"c"),
            Ok(&LARGE),
            Ok(b"d"),
        ]);
        let text = String::from_utf8(whole(None, pieces).await.unwrap().to_vec()).unwrap();
        assert_eq!(text.len(), 3 * PIECE_LEAST + 4);
        assert_eq!(text.replace(&"L".repeat(PIECE_LEAST), "L"), "abLLcLd");
        let alone = whole(None, Sent(vec![Ok(&LARGE)])).await.unwrap();
        assert_eq!(alone.as_ptr(), LARGE.as_ptr());
    }

    #[tokio::test]
    async fn the_limit_is_inside() {
        static MOST: [u8; BODY_MOST] = [b' '; BODY_MOST];
        for announced in [None, Some(BODY_MOST as u64)] {
            assert_eq!(whole(announced, Sent(vec![Ok(&MOST)])).await.unwrap().len(), BODY_MOST);
        }
        let more = Sent(vec![Ok(&MOST), Ok(b" ")]);
        assert_eq!(whole(None, more).await, Err(Answer::body_too_large()));
        for announced in [BODY_MOST as u64 + 1, u64::MAX] {
            let untouched = Sent(vec![Err(())]);
            assert_eq!(whole(Some(announced), untouched).await, Err(Answer::body_too_large()));
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_unreadable() {
        let broken = Sent(vec![Ok(b"a"), Err(())]);
        assert_eq!(whole(Some(4), broken).await, Err(Answer::body_unreadable()));
    }
}
