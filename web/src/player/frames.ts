interface OldVideo {
  webkitDecodedFrameCount?: number;
  mozPaintedFrames?: number;
}

/** How many pictures an element has shown so far, as far as the browser counts them; where it does not, how far it has played. */
export function framesOf(video: HTMLVideoElement): number {
  if (video.getVideoPlaybackQuality) {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return totalVideoFrames - droppedVideoFrames;
  }
  const old = video as OldVideo;
  return old.webkitDecodedFrameCount ?? old.mozPaintedFrames ?? video.currentTime;
}
