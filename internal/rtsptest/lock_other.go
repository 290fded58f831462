//go:build !unix

package rtsptest

import "context"

// lockFile locks nothing here: two who prepare the same clip both encode it, and the first to finish wins.
func lockFile(context.Context, string) (unlock func(), err error) {
	return func() {}, nil
}
