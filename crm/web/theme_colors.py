"""The colours of the admin; text on each passes WCAG AA in light and dark."""

COLORS = {
    "primary": {
        "50": "oklch(97% .014 254)",
        "100": "oklch(93.2% .032 255)",
        "200": "oklch(88.2% .059 254)",
        "300": "oklch(80.9% .105 252)",
        "400": "oklch(72.5% .14 254)",
        "500": "oklch(68% .15 257)",
        "600": "oklch(48.8% .2 262)",
        "700": "oklch(44% .19 263)",
        "800": "oklch(39% .16 264)",
        "900": "oklch(34% .13 265)",
        "950": "oklch(26% .09 266)",
    },
    "font": {
        "subtle-light": "var(--color-base-600)",
        "subtle-dark": "var(--color-base-400)",
        "default-light": "var(--color-base-700)",
        "default-dark": "var(--color-base-300)",
        "important-light": "var(--color-base-900)",
        "important-dark": "var(--color-base-100)",
    },
}
