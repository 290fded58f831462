package hls

import (
	"context"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Refuses gives the code of why HLS would not carry a stream that says this of itself, by the rule by which views are opened; empty if it
// would.
func (h *HLS) Refuses(ctx context.Context, s relay.State) string {
	if f := refusalOf(s); f != nil {
		return f.Code
	}
	if err := h.tool.check(ctx); err != nil && ctx.Err() == nil {
		return fault.CodeOf(err)
	}
	return ""
}
