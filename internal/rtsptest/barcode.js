// readBarcode finds the pixel barcode of a simulated camera in the bottom tenth of a picture. The geometry is told in
// barcode.go. imageData is {width, height, data: RGBA bytes} of the whole picture at any scale; the answer is
// {number, frame}, or null if there is no barcode or it is damaged.
function readBarcode(imageData) {
  var W = imageData.width, H = imageData.height, px = imageData.data;
  var COLUMNS = 24;
  if (W < COLUMNS * 2 || H < 40) return null;

  function mean(col, row) {
    var x0 = Math.floor((W * col) / COLUMNS), x1 = Math.floor((W * (col + 1)) / COLUMNS);
    var y0 = Math.floor((H * (18 + row)) / 20), y1 = Math.floor((H * (19 + row)) / 20);
    var dx = Math.floor((x1 - x0) / 4), dy = Math.floor((y1 - y0) / 4);
    var sum = 0, n = 0;
    for (var y = y0 + dy; y < y1 - dy; y++) {
      for (var x = x0 + dx; x < x1 - dx; x++) {
        var i = (y * W + x) * 4;
        sum += 0.299 * px[i] + 0.587 * px[i + 1] + 0.114 * px[i + 2];
        n++;
      }
    }
    return n ? sum / n : 0;
  }

  var sync = [[[1, 0, 1, 0], [1, 1, 0, 0]], [[0, 1, 0, 1], [0, 0, 1, 1]]];
  var means = [[], []], sums = [0, 0], row, i;
  for (row = 0; row < 2; row++) {
    for (i = 0; i < COLUMNS; i++) means[row].push(mean(i, row));
    for (i = 0; i < 4; i++) {
      sums[sync[row][0][i]] += means[row][i];
      sums[sync[row][1][i]] += means[row][COLUMNS - 4 + i];
    }
  }
  var zero = sums[0] / 8, one = sums[1] / 8;
  if (one - zero < 40) return null;

  function bit(r, c) { return means[r][c] > (zero + one) / 2 ? 1 : 0; }
  function byteAt(r, from) {
    var v = 0;
    for (var c = from; c < from + 8; c++) v = v * 2 + bit(r, c);
    return v;
  }
  for (row = 0; row < 2; row++) {
    for (i = 0; i < 4; i++) {
      if (bit(row, i) !== sync[row][0][i] || bit(row, COLUMNS - 4 + i) !== sync[row][1][i]) return null;
    }
  }
  var number = byteAt(0, 4), hi = byteAt(0, 12), lo = byteAt(1, 4), check = byteAt(1, 12);
  var crc = 0, bytes = [number, hi, lo];
  for (i = 0; i < 3; i++) {
    crc ^= bytes[i];
    for (var b = 0; b < 8; b++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
  }
  return crc === check ? { number: number, frame: hi * 256 + lo } : null;
}
