"""The settings of a source of X, and what X charges."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.base import EnvName, Name, SourceSettings, Text, Url
from collectors.language import say

# What X charges for each resource that it returns, in USD, as of 2026-08-28: https://docs.x.com/x-api/getting-started/pricing
# A resource that is read twice in one UTC day is charged once. Requests that are refused cost nothing.
POST_USD = Decimal("0.005")
OWNED_USD = Decimal("0.001")
"""A post of the account that owns the developer app, read with that account's own token ("owned read")."""
USER_USD = Decimal("0.010")
COUNT_USD = Decimal("0.005")
"""One request of counts/recent, whatever it counts."""


def _usd(value: object) -> object:
    # 0.1 of a TOML file is meant as it is written, not as the nearest binary fraction
    return str(value) if isinstance(value, float | int) and not isinstance(value, bool) else value


Usd = Annotated[Decimal, BeforeValidator(_usd), Field(ge=0, allow_inf_nan=False)]
UserId = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
Username = Annotated[str, Field(pattern=r"^@?[A-Za-z0-9_]{1,15}$")]


class XSettings(SourceSettings):
    """An account's own posts (``own``), or mentions of the account and posts that name the brand (``mentions``)."""

    kind: Literal["x"] = Field(default="x", description='"x"')
    budget_usd: Usd = Field(
        description="今月(UTC の暦月)に X の読み取りに使ってよい額(米ドル)。必ず書く。X の情報源すべての合計がこの額に達したら、この情報源は翌月まで読まない"
    )
    budget_name: Name = Field(
        default="x", description="予算の名前。同じ名前の情報源を合計する。請求の別なアプリがいくつもあるときだけ、名前を分ける"
    )
    ahead_days: int = Field(
        default=3,
        ge=0,
        le=31,
        description="予算を日割りにして、新しい投稿を読むのに何日分まで先に使ってよいか。使わなかった分は残る(31 なら 1 日で使い切ってもよい)",
    )
    account: Username | None = Field(
        default=None,
        description='自社のアカウント名(例: "brand")。own のとき、これか user_id を必ず書く。mentions では、その宛ての投稿も読む',
    )
    user_id: UserId | None = Field(
        default=None, description="自社のアカウントの数字の ID。書けば、名前から調べる費用(0.01 ドル)がかからない"
    )
    search: bool = Field(default=True, description="mentions で、ブランド名を含む投稿を検索するか")
    queries: tuple[Text, ...] = Field(default=(), description="X の検索式。書かなければブランド名とその別の書き方")
    ignore_authors: tuple[Text, ...] = Field(
        default=(),
        description="mentions で数えない投稿者(アカウント名か、数字の ID)。account 宛ての投稿では X は名前を知らせないので、数字の ID を書くか author_names = true に",
    )
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = Field(
        default=None, description='検索する言語(例: "ja")。書かなければすべて'
    )
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含む投稿は検索せず、取り込まない")
    reposts: bool = Field(default=False, description="自社がリポストした投稿も読むか(その分の費用がかかる)")
    author_names: bool = Field(default=False, description="投稿者の名前も読むか(1 人ごとに user_usd がかかる)。false なら ID だけ")
    private_metrics: bool = Field(
        default=False, description="自社の投稿の非公開の指標も読むか(30 日以内の投稿だけ。user_token_env を書くこと)"
    )
    owned_app: bool = Field(
        default=False,
        description="account が開発者アプリの持ち主で、そのトークン(user_token_env)で読むなら true(自社の投稿は owned_usd になる)",
    )
    bearer_token_env: EnvName = Field(default="HIBIKI_X_BEARER_TOKEN", description="アプリの Bearer Token を入れた環境変数の名前")
    user_token_env: EnvName | None = Field(
        default=None, description="アカウントの OAuth 2.0 トークンを入れた環境変数の名前。書けば Bearer Token の代わりに使う"
    )
    refresh_token_env: EnvName | None = Field(
        default=None, description="そのリフレッシュトークンを入れた環境変数の名前。書けば自動で更新する"
    )
    client_id_env: EnvName | None = Field(default=None, description="アプリの Client ID を入れた環境変数の名前(更新に使う)")
    client_secret_env: EnvName | None = Field(default=None, description="アプリの Client Secret を入れた環境変数の名前(あるアプリだけ)")
    query_length: int = Field(default=512, ge=100, le=4096, description="検索式の長さの上限(契約による)")
    post_usd: Usd = Field(default=POST_USD, description="投稿 1 件を読む費用(米ドル。2026-08-28 の料金表)")
    owned_usd: Usd = Field(default=OWNED_USD, description="アプリの持ち主が自分の投稿 1 件を読む費用(米ドル)")
    user_usd: Usd = Field(default=USER_USD, description="アカウント 1 件を読む費用(米ドル)")
    service: Url = Field(default="https://api.x.com", description="X の API の URL")

    @property
    def username(self) -> str | None:
        """The account's name without the sign."""
        return self.account.removeprefix("@") if self.account else None

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The account, by its name and by its number: posts of X tell the number only."""
        return tuple(name for name in (self.username, self.user_id) if name)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        named = bool(self.account or self.user_id)
        if self.what == "own" and not named:
            raise _wrong('what = "own" のときは account か user_id を書いてください', 'Give account or user_id where what = "own"')
        if self.what == "mentions" and not named and not self.search:
            raise _wrong("account を書くか、search = true にしてください", "Give account, or search = true")
        if (self.private_metrics or self.owned_app or self.refresh_token_env) and not self.user_token_env:
            raise _wrong(
                "private_metrics、owned_app、refresh_token_env には user_token_env が必要です",
                "private_metrics, owned_app and refresh_token_env need user_token_env",
            )
        if self.refresh_token_env and not self.client_id_env:
            raise _wrong("refresh_token_env には client_id_env が必要です", "refresh_token_env needs client_id_env")
        return self


def _wrong(japanese: str, english: str) -> PydanticCustomError:
    return PydanticCustomError("incomplete", "{text}", {"text": say(japanese, english)})
