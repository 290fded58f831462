package main

import (
	"encoding/binary"
	"hash/crc32"

	"crypto/hmac"
	"crypto/sha1"
)

// What of STUN (RFC 8489) and ICE (RFC 8445) a viewer of the crowd needs: it is the controlling side, has one candidate, and nominates
// the first pair.
const (
	stunCookie     = 0x2112a442
	stunHeader     = 20
	stunRequest    = 0x0001
	stunSuccess    = 0x0101
	attrUsername   = 0x0006
	attrIntegrity  = 0x0008
	attrXORAddress = 0x0020
	attrPriority   = 0x0024
	attrNominate   = 0x0025
	attrControlled = 0x8029
	attrController = 0x802a
	attrCheck      = 0x8028
)

// stunMessage is being written.
type stunMessage []byte

func newSTUN(kind uint16, transaction []byte) stunMessage {
	m := make(stunMessage, stunHeader, 160)
	binary.BigEndian.PutUint16(m, kind)
	binary.BigEndian.PutUint32(m[4:], stunCookie)
	copy(m[8:], transaction)
	return m
}

func (m stunMessage) with(kind uint16, value []byte) stunMessage {
	m = binary.BigEndian.AppendUint16(m, kind)
	m = binary.BigEndian.AppendUint16(m, uint16(len(value)))
	m = append(m, value...)
	for len(m)%4 != 0 {
		m = append(m, 0)
	}
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)-stunHeader))
	return m
}

// seal ends a message with its integrity and its fingerprint.
func (m stunMessage) seal(pwd string) []byte {
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)-stunHeader+24)) // the length covers the attribute itself
	mac := hmac.New(sha1.New, []byte(pwd))
	mac.Write(m)
	m = m.with(attrIntegrity, mac.Sum(nil))
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)-stunHeader+8))
	return m.with(attrCheck, binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(m)^0x5354554e))
}

// stunKind is what kind of message a datagram is; 0 if it is none.
func stunKind(b []byte) uint16 {
	if len(b) < stunHeader || b[0] > 3 || binary.BigEndian.Uint32(b[4:]) != stunCookie {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}

// stunTransaction is a message's number.
func stunTransaction(b []byte) []byte { return b[8:stunHeader] }

// iceCheck is a request of the controlling side, which nominates the pair.
func iceCheck(transaction []byte, username, pwd string, tie uint64) []byte {
	return newSTUN(stunRequest, transaction).
		with(attrUsername, []byte(username)).
		with(attrController, binary.BigEndian.AppendUint64(nil, tie)).
		with(attrPriority, binary.BigEndian.AppendUint32(nil, 1862270975)).
		with(attrNominate, nil).
		seal(pwd)
}

// iceReply answers a request from an IPv4 address and port.
func iceReply(request []byte, from [4]byte, port uint16, pwd string) []byte {
	value := []byte{0, 1, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(value[2:], port^(stunCookie>>16))
	binary.BigEndian.PutUint32(value[4:], binary.BigEndian.Uint32(from[:])^stunCookie)
	return newSTUN(stunSuccess, stunTransaction(request)).with(attrXORAddress, value).seal(pwd)
}
