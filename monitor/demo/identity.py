"""What the demo's posts are called on their platforms: the history and the loopback server must agree on it."""

from __future__ import annotations

from monitor.demo.world import DemoPost

ACCOUNT = "demo.example"
PASSWORD = "demo-demo-demo-demo"  # of an account that exists on the loopback server only


def did(author_id: str) -> str:
    """Return the Bluesky account id of an invented author."""
    return f"did:plc:{''.join(c for c in author_id.lower() if c.isalnum())}"


def native_id(post: DemoPost) -> str:
    """Return the id that the post's platform knows it by."""
    if post.platform == "bluesky":
        return f"at://{did(post.author_id)}/app.bsky.feed.post/{post.id}"
    if post.platform == "feed":
        return f"tag:{post.brand}.example,2026:{post.id}"
    return post.id


def url_of(post: DemoPost) -> str:
    """Return the post's address, on a host that can never exist."""
    return f"https://{post.platform}.example/{post.author_id}/{post.id}"


def source_name(platform: str, brand: str, own: bool) -> str:
    """Return the name of the source that shows ``platform`` for ``brand``."""
    return f"{brand}-{platform}-{'own' if own else 'mentions'}"
