"""Mints an embed token with Python 3.9 or newer, without packages.

    CLIENTELE_URL=https://clientele.example CLIENTELE_EMBED_KEY=cek_… python3 mint.py li.na https://console.example

Copy `mint_token` into your back end. Call it for the user who is signed in to your console, never for a login that the
browser sends.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def mint_token(login, origin, name=None, role="agent", features=None):
    """Returns a token for an agent, valid for pages of this origin and for five minutes."""
    wanted = {"agent": {"login": login}, "role": role, "origin": origin}
    if name is not None:
        wanted["agent"]["name"] = name
    if features is not None:
        wanted["features"] = features
    request = urllib.request.Request(
        os.environ["CLIENTELE_URL"] + "/api/v1/embed/sessions",
        data=json.dumps(wanted).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["CLIENTELE_EMBED_KEY"],
            "Content-Type": "application/json",
        },
        method="POST",
    )
    try:
        # Your page waits for this.
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)["token"]
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"Clientele refused the token: {refused.code} {refused.read().decode()}") from None


if __name__ == "__main__":
    print(mint_token(sys.argv[1], sys.argv[2]))
