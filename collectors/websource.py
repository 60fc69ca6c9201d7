"""Settings of the sources whose address is anybody's: by default only the public web is gone to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from collectors.base import SourceSettings

Port = Annotated[int, Field(ge=1, le=65535)]


class WebSettings(SourceSettings):
    """A source at an address of the web."""

    local: bool = Field(
        default=False, description="この機械や社内ネットワークのサーバーを読む。false なら、公開されている Web のアドレスだけを読む"
    )
    ports: tuple[Port, ...] = Field(default=(), description="80 と 443 のほかに使ってよいポート(例: [8080])")

    @property
    def public_only(self) -> tuple[int, ...] | None:
        """What ``collectors.http.Line.public_only`` is to be."""
        return None if self.local else self.ports
