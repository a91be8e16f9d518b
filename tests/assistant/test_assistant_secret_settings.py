"""Settings are secret when their names or their texts say so."""

from __future__ import annotations

import pytest

from pytlas_wamp.assistant.secret_settings import is_secret, is_secret_text


class TestSecrets:
    @pytest.mark.parametrize(
        "name",
        [
            "api_key",
            "apikey",
            "API-KEY",
            "apiKey",
            "APIKey",
            "keys",
            "token",
            "access_tokens",
            "accesstoken",
            "password",
            "passwd",
            "mypassword",
            "passphrase",
            "pwd",
            "client.secret",
            "clientSecret",
            "credentials",
            "pin",
            "pin_code",
            "WEATHER_API_KEY",
            "key2",
            "pass",
            "MAIL_PASS",
            "smtpPass",
            "pass2",
            "auth",
            "basicAuth",
            "oauth2",
            "wifi_psk",
            "psks",
            "passcode",
            "bearer",
            "Authorization",
            "authorisation",
            "session_cookies",
            "sentry_dsn",
            "private",
            "privates",
            "otp",
            "slack-webhook",
            "webhooks",
            "passwort",
            "meinPasswort",
            "motdepasse",
            "mot_de_passe",
            "kennwort",
        ],
    )
    def test_these_are(self, name):
        assert is_secret(name)

    @pytest.mark.parametrize(
        "name",
        [
            "city",
            "keyboard",
            "keyboard_layout",
            "monkey",
            "turkeys",
            "gpio_pin",
            "gpio_pins",
            "gpios_pin",
            "spinner",
            "secretary",
            "compass",
            "compasses_shown",
            "passes",
            "bypass",
            "passenger",
            "passage",
            "pas",
            "author",
            "authors",
            "authority",
            "cook",
            "hook",
            "web",
            "privacy",
            "bear",
            "option",
            "stop",
            "units",
            "address",
            "ps",
            "s",
            "",
            "1",
            "é",
        ],
    )
    def test_these_are_not(self, name):
        assert not is_secret(name)

    @pytest.mark.parametrize(
        "text",
        [
            "https://user:pass@example.org/feed",
            "redis://:pass@localhost",
            "postgresql://me:with/slash@db/x",
            "imap://me:a:b@mail",
            "one,https://user:pass@example.org,two",
            "see http://ok.example https://u:p@h",
        ],
    )
    def test_a_text_with_a_password_in_an_address_is_one(self, text):
        assert is_secret_text(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Rouen",
            "https://example.org/feed",
            "https://example.org:8080/feed",
            "https://example.org:8080/feed me@example.org",
            "ssh://git@example.org/owner/skill",
            "https://example.org/?q=a:b@c",
            "https://example.org/a:b@c",
            "user:pass@example.org",
        ],
    )
    def test_other_texts_are_none(self, text):
        assert not is_secret_text(text)
