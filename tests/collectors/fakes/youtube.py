"""The YouTube Data API v3, as its discovery document and reference have it: channels, playlistItems, videos, search and comments.

As YouTube does, it gives counts as strings, leaves out what is empty, hidden or switched off, sends a few replies along with a thread and
the rest on request, and counts in ``used`` what each request costs: refused ones too.
"""

from __future__ import annotations

import base64
from collections import Counter
from datetime import datetime
from typing import Any, ClassVar

from collectors.youtube_settings import YouTubeSettings
from tests.collectors.wire import Asked, Reply, Said, Wire

KEY = "AIzaSyExampleKeyOfTheProject0123456789"
OURS = "UC" + "yomori0123456789abcdef"
FAN = "UC" + "fan0000000000000000000"
UPLOADS = "UU" + OURS[2:]

_KNOWN = {
    "channels": {"part", "id", "forHandle"},
    "playlistItems": {"part", "playlistId", "maxResults", "pageToken"},
    "videos": {"part", "id", "chart", "regionCode", "maxResults"},
    "search": {"part", "q", "type", "order", "maxResults", "pageToken", "publishedAfter", "publishedBefore", "relevanceLanguage"},
    "commentThreads": {
        *("part", "videoId", "allThreadsRelatedToChannelId", "searchTerms", "order", "textFormat", "maxResults", "pageToken")
    },
    "comments": {"part", "id", "parentId", "textFormat", "maxResults", "pageToken"},
}


def refusal(reason: str, status: int, message: str = "", domain: str = "youtube", detail: str = "") -> Reply:
    """An error as Google sends it."""
    error: dict[str, Any] = {"code": status, "message": message, "errors": [{"message": message, "domain": domain, "reason": reason}]}
    if detail:
        error["status"] = "INVALID_ARGUMENT"
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": detail, "domain": "googleapis.com"}]
    return Reply({"error": error}, status)


BAD_KEY = refusal("badRequest", 400, "API key not valid. Please pass a valid API key.", "global", "API_KEY_INVALID")
QUOTA = refusal("quotaExceeded", 403, "The request cannot be completed because you have exceeded your quota.", "youtube.quota")


class YouTube(Wire):
    """A video for each post. ``gone``: numbers that are not shown; ``comments``: video number -> comments, whose replies are ``more["replies"]``;
    ``closed``: videos whose comments are off; ``strict_comments``: one comment that is gone makes the whole look-up fail; ``dark``: no video
    is shown at all; ``hidden``: numbers of videos whose likes are hidden; ``used``: resource -> requests."""

    name = "youtube-own"
    listing = "*/playlistItems"
    page_size = 50
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_YOUTUBE_KEY": KEY}
    id_field = "videoId"
    expired: ClassVar[Reply | None] = BAD_KEY
    error_inside: ClassVar[Reply | None] = Reply(
        {"error": {"code": 500, "message": "Backend Error", "errors": [{"reason": "backendError"}]}}
    )
    options: ClassVar[dict[str, Any]] = {"channel": "@yomori"}

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[int, list[Said]] = {}
        self.gone: set[int] = set()
        self.hidden: set[int] = set()
        self.closed: set[str] = set()
        self.strict_comments = False
        self.dark = False
        self.used: Counter[str] = Counter()
        self.changes: dict[str, Any] = {}

    def settings(self, url: str) -> YouTubeSettings:
        return YouTubeSettings.model_validate({"name": "yt", "brand": "yomori", "service": url, **self.options, **self.changes})

    def native_id(self, post: Said) -> str:
        return f"vid-{post.number:07}"

    @staticmethod
    def comment_id(comment: Said, top: Said | None = None) -> str:
        """The id of a comment; a reply's begins with its thread's."""
        return f"Ug{top.number:022}.r{comment.number}" if top else f"Ug{comment.number:022}AaABAg"

    def answer(self, asked: Asked) -> Reply:
        resource = asked.path.rpartition("/")[2]
        self.used[resource] += 1
        assert not set(asked.query) - _KNOWN[resource], f"YouTube does not know {asked.query} in {resource}"
        if asked.headers.get("x-goog-api-key") != KEY:
            return BAD_KEY
        return getattr(self, f"on_{resource}")(asked)

    # --- what each resource answers

    def on_channels(self, asked: Asked) -> Reply:
        if asked.one("forHandle") != "@yomori" and asked.one("id") != OURS:
            return Reply({"kind": "youtube#channelListResponse", "etag": "e", "pageInfo": {"totalResults": 0, "resultsPerPage": 5}})
        channel = {
            "kind": "youtube#channel",
            "id": OURS,
            "snippet": {"title": "ヨモリ公式"},
            "statistics": {"viewCount": "99", "videoCount": str(len(self.said)), "hiddenSubscriberCount": False},
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
        }
        return _list("channel", [{k: v for k, v in channel.items() if k in {"kind", "id", *asked.one("part").split(",")}}])

    def on_playlistItems(self, asked: Asked) -> Reply:
        if asked.one("playlistId") != UPLOADS or not self.said:
            return refusal("playlistNotFound", 404, "The playlist identified with the playlistId cannot be found.")
        return self.paged(
            asked,
            self.newest_first(),
            "playlistItem",
            lambda post: {
                "kind": "youtube#playlistItem",
                "id": f"item{post.number}",
                "contentDetails": {
                    "videoId": self.native_id(post),
                    **({} if post.number in self.gone else {"videoPublishedAt": _time(post.at)}),
                },
            },
        )

    def on_videos(self, asked: Asked) -> Reply:
        if asked.one("chart"):
            return _list("video", [] if self.dark else [{"kind": "youtube#video", "id": "popular0001"}])
        ids = asked.one("id").split(",")
        if len(ids) > 50:
            return refusal("invalidParameter", 400, "too many ids")
        return _list(
            "video", [] if self.dark else [self.video(p) for p in self.said if self.native_id(p) in ids and p.number not in self.gone]
        )

    def on_search(self, asked: Asked) -> Reply:
        after, before = asked.one("publishedAfter", "1990-01-01T00:00:00Z"), asked.one("publishedBefore", "2190-01-01T00:00:00Z")
        found = [p for p in self.newest_first() if after <= _time(p.at) <= before and p.number not in self.gone]
        return self.paged(
            asked,
            self.newest_first() if self.repeat else found,
            "searchResult",
            lambda post: {
                "kind": "youtube#searchResult",
                "id": {"kind": "youtube#video", "videoId": self.native_id(post)},
                "snippet": {"publishedAt": _time(post.at), "channelId": post.more.get("channel", FAN), "title": post.text[:30]},
            },
        )

    def on_commentThreads(self, asked: Asked) -> Reply:
        video, channel = asked.one("videoId"), asked.one("allThreadsRelatedToChannelId")
        if video in self.closed or channel in self.closed:
            return refusal("commentsDisabled", 403, "The video has <code>disabled comments</code>.", "youtube.commentThread")
        if video and video not in {self.native_id(post) for post in self.said if post.number not in self.gone}:
            return refusal("videoNotFound", 404, "The video cannot be found.", "youtube.commentThread")
        threads = [
            (comment, post)
            for post in self.said
            for comment in self.comments.get(post.number, [])
            if not video or self.native_id(post) == video
        ]
        word = asked.one("searchTerms")
        threads = [pair for pair in threads if word in pair[0].text and not pair[0].more.get("gone")]
        threads.sort(key=lambda pair: pair[0].at, reverse=True)
        return self.paged(asked, threads, "commentThread", lambda pair: self.thread(*pair))

    def on_comments(self, asked: Asked) -> Reply:
        tops = [(comment, post) for post in self.said for comment in self.comments.get(post.number, []) if not comment.more.get("gone")]
        replies = [(reply, post, top) for top, post in tops for reply in top.more.get("replies", []) if not reply.more.get("gone")]
        if parent := asked.one("parentId"):
            return self.paged(
                asked,
                [one for one in replies if self.comment_id(one[2]) == parent],
                "comment",
                lambda one: self.comment(one[0], None, one[2]),
            )
        ids = asked.one("id").split(",")
        found = [self.comment(c, None) for c, _ in tops if self.comment_id(c) in ids]
        found += [self.comment(r, None, top) for r, _, top in replies if self.comment_id(r, top) in ids]
        if self.strict_comments and len(found) < len(ids):
            return refusal("commentNotFound", 404, "One or more of the specified comments cannot be found.", "youtube.comment")
        return _list("comment", found)

    # --- what things look like

    def video(self, post: Said) -> dict[str, Any]:
        """A video."""
        statistics = {"viewCount": str(post.more.get("views", 100)), "favoriteCount": "0"}
        if post.number not in self.hidden:
            statistics["likeCount"] = str(post.likes)
        if self.native_id(post) not in self.closed:
            statistics["commentCount"] = str(len(self.comments.get(post.number, [])))
        snippet = {
            "publishedAt": _time(post.at),
            "channelId": post.more.get("channel", OURS),
            "channelTitle": post.more.get("title", "ヨモリ公式"),
            "title": post.text,
            "description": post.more.get("description", ""),
            "defaultAudioLanguage": "ja",
        }
        return {"kind": "youtube#video", "id": self.native_id(post), "snippet": snippet, "statistics": statistics}

    def thread(self, comment: Said, post: Said) -> dict[str, Any]:
        """A thread, with two of its replies at most."""
        replies = [one for one in comment.more.get("replies", []) if not one.more.get("gone")]
        thread: dict[str, Any] = {
            "kind": "youtube#commentThread",
            "id": self.comment_id(comment),
            "snippet": {
                "channelId": OURS,
                "videoId": self.native_id(post),
                "topLevelComment": self.comment(comment, self.native_id(post)),
                "canReply": True,
                "totalReplyCount": len(replies),
                "isPublic": True,
            },
        }
        if replies:
            thread["replies"] = {"comments": [self.comment(one, self.native_id(post), comment) for one in replies[:2]]}
        return thread

    def comment(self, comment: Said, video: str | None, top: Said | None = None) -> dict[str, Any]:
        """A comment or a reply; look-ups do not tell the video."""
        snippet = {
            "textDisplay": comment.text,
            "authorDisplayName": comment.more.get("name", "@ocha-zuki"),
            **({} if comment.more.get("orphan") else {"authorChannelId": {"value": comment.more.get("author", FAN)}}),
            "canRate": True,
            "viewerRating": "none",
            "likeCount": comment.likes,
            "publishedAt": _time(comment.at),
            "updatedAt": _time(comment.more.get("edited", comment.at)),
            **({"videoId": video} if video else {}),
            **({"parentId": self.comment_id(top)} if top else {}),
        }
        return {"kind": "youtube#comment", "id": self.comment_id(comment, top), "snippet": snippet}

    def paged(self, asked: Asked, found: list[Any], kind: str, shape: Any) -> Reply:
        """A page of ``found``."""
        start = int(base64.urlsafe_b64decode(asked.one("pageToken"))) if asked.one("pageToken") else 0
        size = int(asked.one("maxResults", "5"))
        reply = _list(kind, [shape(one) for one in found[start : start + size]], len(found), size)
        if start + size < len(found):
            reply.body["nextPageToken"] = base64.urlsafe_b64encode(str(start if self.repeat else start + size).encode()).decode()
        return reply


class YouTubeSearch(YouTube):
    name = "youtube-search"
    listing = "*/search"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "found_videos": 0}

    def say(self, text: str, at: datetime, likes: int = 0, **more: Any) -> Said:
        return super().say(text, at, likes, **{"channel": FAN, "title": "お茶好きチャンネル", **more})


class YouTubeComments(YouTube):
    """Posts are comments on the one video of our channel."""

    name = "youtube-comments"
    listing = "*/commentThreads"
    page_size = 100
    id_field = "topLevelComment"
    likes_field = "likeCount"
    text_field = "textDisplay"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "search": False, "channel": OURS}

    def __init__(self) -> None:
        super().__init__()
        self._video = Said(0, "新茶の動画", datetime.fromisoformat("2026-11-01T00:00:00+00:00"))

    def native_id(self, post: Said) -> str:
        return self.comment_id(post)

    def on_commentThreads(self, asked: Asked) -> Reply:
        if asked.one("allThreadsRelatedToChannelId") != OURS:
            return refusal("channelNotFound", 404, "The channel cannot be found.", "youtube.commentThread")
        return self.paged(asked, self.newest_first(), "commentThread", lambda comment: self.thread(comment, self._video))


def _list(kind: str, items: list[Any], total: int | None = None, size: int = 50) -> Reply:
    info = {"totalResults": len(items) if total is None else total, "resultsPerPage": size}
    return Reply({"kind": f"youtube#{kind}ListResponse", "etag": "e", "items": items, "pageInfo": info})


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


WIRES: tuple[type[Wire], ...] = (YouTube, YouTubeSearch, YouTubeComments)
