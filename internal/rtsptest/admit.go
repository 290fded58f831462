package rtsptest

import (
	"encoding/base64"
	"strings"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
)

const realm = "ipcam"

// admit refuses wrong paths and missing or wrong credentials; nil lets the request through. The connection stays open,
// so that a client can try again on it.
func (s *station) admit(conn *gortsplib.ServerConn, req *base.Request, path string) *base.Response {
	s.cam.mu.Lock()
	f := s.cam.faults
	s.cam.mu.Unlock()
	if f.username != "" {
		method := auth.VerifyMethodDigestMD5
		if f.method == "basic" {
			method = auth.VerifyMethodBasic
		}
		nonce, err := nonceOf(conn)
		if err != nil {
			return &base.Response{StatusCode: base.StatusInternalServerError}
		}
		methods := []auth.VerifyMethod{method}
		if !verified(req, f, methods, nonce) {
			if len(req.Header["Authorization"]) > 0 {
				s.cam.mu.Lock()
				s.cam.stats.Denied++
				s.cam.mu.Unlock()
			}
			return &base.Response{StatusCode: base.StatusUnauthorized, Header: base.Header{
				"WWW-Authenticate": auth.GenerateWWWAuthenticate(methods, realm, nonce),
			}}
		}
	}
	if strings.TrimSuffix(path, "/") != Path {
		return &base.Response{StatusCode: base.StatusNotFound}
	}
	return nil
}

// nonceOf is the connection's nonce. gortsplib handles one request of a connection at a time.
func nonceOf(conn *gortsplib.ServerConn) (string, error) {
	if nonce, ok := conn.UserData().(string); ok {
		return nonce, nil
	}
	nonce, err := auth.GenerateNonce()
	if err != nil {
		return "", err
	}
	conn.SetUserData(nonce)
	return nonce, nil
}

// verified checks what a request brought.
func verified(req *base.Request, f faults, methods []auth.VerifyMethod, nonce string) bool {
	if methods[0] != auth.VerifyMethodBasic {
		return auth.Verify(req, f.username, f.password, methods, realm, nonce) == nil
	}
	// gortsplib knows no password with a colon, which RFC 7617 allows.
	lines := req.Header["Authorization"]
	if len(lines) != 1 {
		return false
	}
	scheme, text, _ := strings.Cut(lines[0], " ")
	pair, err := base64.StdEncoding.DecodeString(text)
	return err == nil && strings.EqualFold(scheme, "Basic") && string(pair) == f.username+":"+f.password
}
