//go:build !unix

package rtsptest

// heldPort holds nothing here: between Kill and Restart somebody else may take the port.
type heldPort struct{}

func (h *heldPort) take(string) error { return nil }
func (h *heldPort) release()          {}
