"""Google Play's Android Publisher API v3: reviews by token, and the token endpoint that takes a service account's signed statement."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from collectors.googleplay import PAGE, SCOPE, GooglePlaySettings
from tests.collectors.wire import Asked, Reply, Said, Wire

PACKAGE = "jp.example.yomori"
ACCESS = "ya29.access-of-yomori"
EMAIL = "hibiki@yomori-example.iam.gserviceaccount.com"
_FOLDER = Path(tempfile.mkdtemp(prefix="hibiki-play-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
KEY_FILE = _FOLDER / "key.json"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = _KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def google_error(code: int, status: str, message: str, reason: str = "", http: int | None = None) -> Reply:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if reason:
        error |= {"errors": [{"message": message, "domain": "global", "reason": reason}]}
    return Reply({"error": error}, http or code)


NO_LOGIN = google_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "authError")


class GooglePlay(Wire):
    """``more`` of a review: stars, author, answer (the developer's), title, original. ``access``: the token that is good now."""

    name = "googleplay"
    listing = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"
    page_size = PAGE
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_GOOGLE_PLAY_KEY_FILE": str(KEY_FILE)}
    id_field = "reviewId"
    likes_field = "thumbsUpCount"
    text_field = "text"
    expired = NO_LOGIN
    error_inside = google_error(403, "PERMISSION_DENIED", "The caller does not have permission", "forbidden", 200)
    reaches_back = 7

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.access = ACCESS
        self.given = 0

    def settings(self, url: str) -> GooglePlaySettings:
        self.url = url
        key = {
            "type": "service_account",
            "client_email": EMAIL,
            "private_key_id": "k1",
            "private_key": PRIVATE,
            "token_uri": f"{url}/token",
        }
        KEY_FILE.write_text(json.dumps(key), encoding="utf-8")
        return GooglePlaySettings.model_validate({"name": "android", "brand": "yomori", "package": PACKAGE, "service": url})

    def native_id(self, post: Said) -> str:
        return f"gp:AOqpTOE{post.number:06d}"

    def review(self, post: Said) -> dict[str, Any]:
        title = post.more.get("title", "")
        comment: dict[str, Any] = {
            "text": f"{title}\t{post.text}",
            "lastModified": {"seconds": str(int(post.at.timestamp())), "nanos": 120_000_000},
            "starRating": post.more.get("stars", 4),
            "reviewerLanguage": "ja",
            "device": "oriole",
            "androidOsVersion": 34,
            "appVersionCode": 3021,
            "appVersionName": "3.2.1",
            "thumbsUpCount": post.likes,
            "thumbsDownCount": 0,
        }
        if "original" in post.more:
            comment["originalText"] = f"\t{post.more['original']}"
        comments = [{"userComment": comment}]
        if "answer" in post.more:
            comments.append({"developerComment": {"text": post.more["answer"], "lastModified": comment["lastModified"]}})
        return {"reviewId": self.native_id(post), "authorName": post.more.get("author", f"利用者{post.number}"), "comments": comments}

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self.give(asked.form())
        if asked.headers.get("authorization") != f"Bearer {self.access}":
            return NO_LOGIN
        if asked.path != self.listing:
            return google_error(404, "NOT_FOUND", "Package not found: x.", "applicationNotFound")
        at, size = int(asked.one("token") or 0), int(asked.one("maxResults", "10"))
        reviews = self.newest_first()
        body: dict[str, Any] = {}
        if page := reviews[at : at + size]:
            body["reviews"] = [self.review(post) for post in page]
        if self.repeat or at + size < len(reviews):
            body["tokenPagination"] = {"nextPageToken": str(at if self.repeat else at + size)}
        return Reply(body)

    def give(self, form: dict[str, str]) -> Reply:
        """Answer as the token endpoint does: the statement must be signed by the key, for this endpoint, and still be good."""
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return Reply({"error": "unsupported_grant_type"}, 400)
        try:
            claims = jwt.decode(
                form["assertion"],
                _KEY.public_key(),
                ["RS256"],
                audience=f"{self.url}/token",
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            return Reply({"error": "invalid_grant", "error_description": f"Invalid JWT Signature: {error}"}, 400)
        if claims["iss"] != EMAIL or claims["scope"] != SCOPE or claims["exp"] - claims["iat"] > 3600:
            return Reply({"error": "invalid_scope"}, 400)
        self.given += 1
        return Reply({"access_token": self.access, "expires_in": 3599, "token_type": "Bearer"})


WIRES = (GooglePlay,)
