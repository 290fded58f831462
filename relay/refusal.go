package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
)

// Refusal is why a source could not pull, in the terms of State. It carries no address, no secret and no text of the camera's.
type Refusal struct {
	Status Status // Connecting, Refused or Unsupported
	Code   string
	Params map[string]string
	Media  Media // what was learned, for Unsupported
}

// Error gives the code.
func (r *Refusal) Error() string { return r.Code }

func failed(code string) *Refusal { return &Refusal{Status: Connecting, Code: code} }

func refused(code string) *Refusal { return &Refusal{Status: Refused, Code: code} }

// errNotRTSP says that what answers speaks something else.
var errNotRTSP = errors.New("not RTSP")

// refusalOf puts an error of the RTSP client into our terms. Its text may hold the address, the user name and what the camera wrote, so
// it goes no further.
func refusalOf(err error) *Refusal {
	var (
		status  liberrors.ErrClientBadStatusCode
		auth    liberrors.ErrClientAuthSetup
		sdp     liberrors.ErrClientSDPInvalid
		late    liberrors.ErrClientRequestTimedOut
		tcp     liberrors.ErrClientTCPTimeout
		udp     liberrors.ErrClientUDPTimeout
		typ     liberrors.ErrClientContentTypeUnsupported
		record  tls.RecordHeaderError
		dns     *net.DNSError
		network net.Error
	)
	switch {
	case errors.Is(err, errNotRTSP), errors.As(err, &record), errors.As(err, &sdp), errors.As(err, &typ):
		return refused(CodeNotRTSP)
	case errors.As(err, &status):
		return refusalOfStatus(status.Code)
	case errors.As(err, &auth):
		return refused(CodeCredentials)
	case errors.As(err, &dns):
		return failed(CodeUnknownHost)
	case errors.As(err, &late), errors.As(err, &tcp), errors.As(err, &udp),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return failed(CodeTimeout)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH),
		errors.Is(err, syscall.EHOSTDOWN), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EACCES):
		return failed(CodeUnreachable)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return failed(CodeLost)
	case errors.As(err, &network) && network.Timeout():
		return failed(CodeTimeout)
	default:
		return failed(CodeLost)
	}
}

func refusalOfStatus(code base.StatusCode) *Refusal {
	var r *Refusal
	switch {
	case code == base.StatusUnauthorized, code == base.StatusForbidden, code == base.StatusProxyAuthRequired:
		return refused(CodeCredentials)
	case code == base.StatusNotEnoughBandwidth, code >= 500 && code < 600 && code != base.StatusNotImplemented:
		r = refused(CodeBusy)
	case code == base.StatusSessionNotFound:
		return failed(CodeLost)
	default:
		r = refused(CodeNoStream)
	}
	r.Params = map[string]string{"status": strconv.Itoa(int(code))}
	return r
}
