package main

import (
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// model is a camera to be played: what it shows and how it lets people in.
type model struct {
	number                     int // in the manifest and in the control interface
	location                   string
	spec                       rtsptest.Spec
	username, password, method string
}

// demo are the six cameras of the demo. Each is of another kind, so that all the usual ones are seen at once.
var demo = []model{
	{ // full HD
		number: 1, location: "Главные ворота",
		spec: rtsptest.Spec{Name: "Въезд", Number: 1, Width: 1920, Height: 1080, FPS: 25, GOP: 50, Kbps: 4000, Seconds: 12, Profile: "high"},
	},
	{ // a keyframe only every four seconds, and a password
		number: 2, location: "Корпус Б, первый этаж",
		spec:     rtsptest.Spec{Name: "Склад 2", Number: 2, Width: 1280, Height: 720, FPS: 25, GOP: 100, Kbps: 2000, Seconds: 12, Profile: "main"},
		username: "operator", password: "sklad-2468", method: "digest",
	},
	{ // with sound
		number: 3, location: "Head office, ground floor",
		spec: rtsptest.Spec{Name: "Lobby", Number: 3, Width: 1280, Height: 720, FPS: 25, GOP: 50, Kbps: 1500, Seconds: 14, Profile: "main", Audio: "pcma"},
	},
	{ // an ordinary small one
		number: 4, location: "Корпус А, вход со двора",
		spec: rtsptest.Spec{Name: "Двор", Number: 4, Width: 704, Height: 396, FPS: 15, GOP: 30, Kbps: 600, Seconds: 16},
	},
	{ // an ordinary one of the old kind: Basic authentication
		number: 5, location: "Level -1",
		spec:     rtsptest.Spec{Name: "Parking / Парковка", Number: 5, Width: 960, Height: 540, FPS: 20, GOP: 40, Kbps: 1000, Seconds: 14},
		username: "admin", password: "parking-1357", method: "basic",
	},
	{ // two frames a second
		number: 6, location: "Корпус А, подвал",
		spec: rtsptest.Spec{Name: "Серверная", Number: 6, Width: 640, Height: 360, FPS: 2, GOP: 4, Kbps: 150, Seconds: 30},
	},
}

// models are the cameras that the command line asks for.
func (f *flags) models() []model {
	if f.Cameras == 0 {
		return demo
	}
	spec := rtsptest.Spec{
		Name: "Camera", Number: 1, Width: f.Width, Height: f.Height, FPS: f.FPS, GOP: f.GOP, Kbps: f.Kbps, Seconds: f.Seconds,
		Codec: f.Codec, Profile: f.Profile, BFrames: f.BFrames, Audio: f.Audio, NoVideo: f.NoVideo,
	}
	equal := make([]model, f.Cameras)
	for i := range equal {
		equal[i] = model{number: i + 1, location: fmt.Sprintf("Row %d", i/10+1), spec: spec}
	}
	return equal
}

// name is what the manifest calls the camera; equal cameras are told apart by their numbers.
func (m model) name() string {
	if m.spec.Name == "Camera" {
		return fmt.Sprintf("Camera %d", m.number)
	}
	return m.spec.Name
}
