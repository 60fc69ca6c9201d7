"""The settings of a source of YouTube."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.allowance import PACIFIC_DAY, Allowance
from collectors.base import Duration, EnvName, SourceSettings, Text, Url
from collectors.language import say

Channel = Annotated[str, Field(pattern=r"^(@[^\s/@]{1,100}|UC[A-Za-z0-9_-]{22})$")]
VideoId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{11}$")]


class YouTubeSettings(SourceSettings):
    """A channel's own videos (``own``), or comments on them, videos that name the brand, and comments on videos of others (``mentions``)."""

    kind: Literal["youtube"] = Field(default="youtube", description='"youtube"')
    every: Duration = Field(default=timedelta(hours=1), description='読みに行く間隔(例: "1h")。1 日の割り当てに合わせて')
    channel: Channel | None = Field(
        default=None,
        description='自社のチャンネル(例: "@yomori" か "UC…")。own のとき必ず書く。mentions では、その動画につくコメントをすべて読む',
    )
    search: bool = Field(default=True, description="mentions で、ブランド名を含む動画を検索するか(1 回の検索で、検索の割り当てを 1 回使う)")
    queries: tuple[Text, ...] = Field(default=(), description="検索する言葉。書かなければブランド名とその別の書き方(どれかを含むもの)")
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = Field(default=None, description='検索で優先する言語(例: "ja")')
    videos: tuple[VideoId, ...] = Field(
        default=(), description="mentions で、ブランド名を含むコメントを探す、ほかの人の動画の ID(URL の v= の後ろ)"
    )
    found_videos: int = Field(
        default=10, ge=0, le=100, description="検索で見つかった新しい動画のうち、この数まで、ブランド名を含むコメントも探す"
    )
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含む動画とコメントは取り込まない")
    key_env: EnvName = Field(default="HIBIKI_YOUTUBE_KEY", description="API キーを入れた環境変数の名前")
    daily_units: int = Field(default=10_000, ge=1, description="1 日に使ってよいユニット(検索のほか。同じ API キーの情報源の合計)")
    daily_searches: int = Field(default=100, ge=1, description="1 日に使ってよい検索の回数(同じ API キーの情報源の合計)")
    service: Url = Field(default="https://www.googleapis.com/youtube/v3", description="YouTube Data API の URL")

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The channel."""
        return (self.channel,) if self.channel else ()

    @property
    def units(self) -> Allowance:
        """The day's units; all sources with the same key share them."""
        title = say("YouTube の 1 日のユニット", "YouTube units of the day")
        return Allowance(f"youtube units {self.key_env}", self.daily_units, "units", PACIFIC_DAY, title)

    @property
    def searches(self) -> Allowance:
        """The day's searches."""
        title = say("YouTube の 1 日の検索", "YouTube searches of the day")
        return Allowance(f"youtube searches {self.key_env}", self.daily_searches, "calls", PACIFIC_DAY, title)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.what == "own" and not self.channel:
            text = say('what = "own" のときは channel を書いてください', 'channel must be given where what = "own"')
            raise PydanticCustomError("incomplete", "{text}", {"text": text})
        if self.what == "mentions" and not (self.channel or self.search or self.videos):
            text = say("channel か videos を書くか、search = true にしてください", "give channel or videos, or search = true")
            raise PydanticCustomError("incomplete", "{text}", {"text": text})
        return self
