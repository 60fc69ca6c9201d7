"""Google Business Profile's API v4: a place's reviews by page token, and the token endpoint that takes a refresh token."""

from __future__ import annotations

from typing import Any, ClassVar

from collectors.googlebusiness import PAGE, GoogleBusinessSettings
from tests.collectors.fakes.googleplay import NO_LOGIN, google_error
from tests.collectors.wire import Asked, Reply, Said, Wire

LOCATION = "accounts/111/locations/222"
REFRESH = "1//refresh-of-yomori"
WORDS = ("ONE", "TWO", "THREE", "FOUR", "FIVE")


class GoogleBusiness(Wire):
    """``more`` of a review: stars (0: unspecified), author, anonymous, comment (None: stars alone), updated, reply. ``hidden``: reviews
    that are counted and never listed; ``access``: the token that is good now."""

    name = "googlebusiness"
    listing = f"/v4/{LOCATION}/reviews"
    page_size = PAGE
    secrets: ClassVar[dict[str, str]] = {
        "HIBIKI_GOOGLE_CLIENT_ID": "client-of-yomori.apps.example",
        "HIBIKI_GOOGLE_CLIENT_SECRET": "secret-of-the-client",
        "HIBIKI_GOOGLE_REFRESH_TOKEN": REFRESH,
    }
    text_field = "comment"
    expired = NO_LOGIN
    error_inside = google_error(403, "PERMISSION_DENIED", "The caller does not have permission", http=200)

    def __init__(self) -> None:
        super().__init__()
        self.access = "ya29.place-of-yomori"
        self.hidden: set[int] = set()
        self.revoked = False

    def settings(self, url: str) -> GoogleBusinessSettings:
        values = {"name": "place", "brand": "yomori", "location": LOCATION, "service": url, "token_service": f"{url}/token"}
        return GoogleBusinessSettings.model_validate(values)

    def native_id(self, post: Said) -> str:
        return f"AbFvOq{post.number:05d}"

    def review(self, post: Said) -> dict[str, Any]:
        number, stamp = post.more.get("stars", 4), post.at.isoformat().replace("+00:00", "Z")
        found: dict[str, Any] = {
            "reviewId": self.native_id(post),
            "reviewer": {
                "displayName": post.more.get("author", f"客{post.number}"),
                **({"isAnonymous": True} if post.more.get("anonymous") else {}),
            },
            "starRating": WORDS[number - 1] if number else "STAR_RATING_UNSPECIFIED",
            "createTime": stamp,
            "updateTime": post.more["updated"].isoformat().replace("+00:00", "Z") if "updated" in post.more else stamp,
            "name": f"{LOCATION}/reviews/{self.native_id(post)}",
        }
        comment = post.more.get("comment", post.text)
        if comment is not None:
            found["comment"] = comment
        if "reply" in post.more:
            found["reviewReply"] = {"comment": post.more["reply"], "updateTime": stamp}
        return found

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            form = asked.form()
            if self.revoked or form.get("refresh_token") != REFRESH or form.get("grant_type") != "refresh_token":
                return Reply({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
            return Reply({"access_token": self.access, "expires_in": 3599, "scope": "x", "token_type": "Bearer"})
        if asked.headers.get("authorization") != f"Bearer {self.access}":
            return NO_LOGIN
        if asked.path != self.listing:
            return google_error(404, "NOT_FOUND", "Requested entity was not found.")
        if not self.said:
            return Reply({})
        at, size = int(asked.one("pageToken") or 0), int(asked.one("pageSize", "50"))
        listed = sorted(
            (post for post in self.said if post.number not in self.hidden), key=lambda p: p.more.get("updated", p.at), reverse=True
        )
        body: dict[str, Any] = {
            "reviews": [self.review(post) for post in listed[at : at + size]],
            "averageRating": 4.2,
            "totalReviewCount": len(self.said),
        }
        if self.repeat or at + size < len(listed):
            body["nextPageToken"] = str(at if self.repeat else at + size)
        return Reply(body)


WIRES = (GoogleBusiness,)
