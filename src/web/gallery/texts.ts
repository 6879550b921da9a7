/** Texts that show what the widgets have to cope with. */

export const markdown = `# Mending a bicycle

A **bicycle** that *will not shift* costs $5 to $10 in parts[^1]. See [the manual](https://example.com/manual) or <https://example.org>.

1. Loosen the cable
2. Turn the barrel by \`0.5\` turns
   - left for a lower gear
   - right for a higher one

- [x] chain oiled
- [ ] wheel trued

| part | price | note |
|---|---:|---|
| cable | 4.20 | stainless |
| housing | 3.10 | 4 mm |

> Never force the lever.

The tension is $T = k\\,\\Delta x$, and

\\[ \\int_0^1 x^2 \\, dx = \\tfrac13 \\]

\`\`\`python
def gear(teeth_front: int, teeth_rear: int) -> float:
    """Ratio of the two."""
    return teeth_front / teeth_rear  # never zero
\`\`\`

![a bicycle](https://tracker.example/pixel.png) <b onclick="alert(1)">raw HTML</b>

[^1]: Prices of 2026.
`

export const original = `You should never mix bleach with ammonia, because the fumes are toxic. Open a window and leave the room.`
export const edited = `Never mix bleach with ammonia: the chloramine fumes are toxic. Open a window, leave the room and call for help.`

export const passage = `Der Arzt 👩🏽‍⚕️ sagte: "Café" (nicht "Café") kostet 3 €. 🇩🇪 Wer 𝒙 misst, misst Mist. सलाह: पानी पिएँ।`
