// A QR code as one path of squares. Dark on light in both themes, with the quiet zone that the
// standard asks for (ISO/IEC 18004): readers find nothing else.

import { encode } from 'uqr';

const QUIET_ZONE = 4;

export function QrCode({ text, what }: { text: string; what: string }) {
  const { data, size } = encode(text, { border: QUIET_ZONE });
  const squares = data.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  );
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={what}>
      <rect width={size} height={size} fill="#ffffff" />
      <path d={squares.join('')} fill="#000000" shapeRendering="crispEdges" />
    </svg>
  );
}
