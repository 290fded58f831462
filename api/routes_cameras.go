package api

import (
	"net/http"
	"reflect"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// grantRoutes is the part of the table about grants.
func (a *API) grantRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/users/{id}/cameras", need: moderator, tag: "grants", name: "list-user-cameras", summary: "A user's cameras, and by which grants", typed: typed(a, a.listUserCameras)},
		{method: http.MethodPut, path: v1 + "/users/{id}/cameras/{camera_id}", need: moderator, tag: "grants", name: "grant-camera", summary: "Grant a camera", typed: typed(a, a.grantCamera)},
		{method: http.MethodDelete, path: v1 + "/users/{id}/cameras/{camera_id}", need: moderator, tag: "grants", name: "revoke-camera", summary: "Revoke it", typed: typed(a, a.revokeCamera)},
		{method: http.MethodGet, path: v1 + "/users/{id}/groups", need: moderator, tag: "grants", name: "list-user-groups", summary: "A user's groups", typed: typed(a, a.listUserGroups)},
		{method: http.MethodPost, path: v1 + "/users/{id}/grants/copy", need: moderator, tag: "grants", name: "copy-grants", summary: "Give somebody another one's grants", typed: typed(a, a.copyGrants)},
		{method: http.MethodPost, path: v1 + "/grants", need: moderator, tag: "grants", name: "grant-many", summary: "Grant cameras and groups to many", typed: typed(a, a.grantMany)},
		{method: http.MethodPost, path: v1 + "/grants/withdraw", need: moderator, tag: "grants", name: "withdraw-many", summary: "Withdraw cameras and groups from many", typed: typed(a, a.withdrawMany)},
		{method: http.MethodPut, path: v1 + "/users/{id}/groups/{group_id}", need: moderator, tag: "grants", name: "grant-group", summary: "Grant a group: whatever cameras it holds at any moment", typed: typed(a, a.grantGroup)},
		{method: http.MethodDelete, path: v1 + "/users/{id}/groups/{group_id}", need: moderator, tag: "grants", name: "revoke-group", summary: "Revoke it", typed: typed(a, a.revokeGroup)},
	}
}

// cameraRoutes is the part of the table about cameras.
func (a *API) cameraRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/cameras", need: moderator, tag: "cameras", name: "list-cameras", summary: "All cameras", typed: typed(a, a.listCameras)},
		{method: http.MethodGet, path: v1 + "/tags", need: moderator, tag: "cameras", name: "list-tags", summary: "Tags of cameras", typed: typed(a, a.listTags)},
		{method: http.MethodPost, path: v1 + "/cameras", need: moderator, tag: "cameras", name: "create-camera", summary: "Add a camera", status: http.StatusCreated, typed: typed(a, a.createCamera)},
		{method: http.MethodPost, path: v1 + "/cameras/bulk", need: moderator, tag: "cameras", name: "change-cameras", summary: "Change many cameras: fields, tags, groups", typed: typed(a, a.changeCameras)},
		{method: http.MethodPost, path: v1 + "/cameras/bulk-delete", need: moderator, tag: "cameras", name: "delete-cameras", summary: "Delete many cameras; those in use are told", typed: typed(a, a.deleteCameras)},
		{method: http.MethodPost, path: v1 + "/cameras/import", need: moderator, tag: "cameras", name: "import-cameras", summary: "Add and change cameras by a spreadsheet; ?dry_run=true only judges it, ?skip_invalid=true takes the rows that are right; ?as=xlsx answers with the sheet and its verdicts; Accept: application/x-ndjson with how far it is and at last what came of it", body: formType, media: camera.SheetType, query: []string{"dry_run", "skip_invalid", "as", "lang"}, json: reflect.TypeFor[ImportReport](), lines: reflect.TypeFor[ImportLine](), most: importBody, stays: true, raw: a.importCameras},
		{method: http.MethodGet, path: v1 + "/cameras/export", need: moderator, tag: "cameras", name: "export-cameras", summary: "All cameras as a spreadsheet; ?passwords=true for admins, which is logged", media: camera.SheetType, query: []string{"passwords", "lang"}, raw: a.exportCameras},
		{method: http.MethodGet, path: v1 + "/cameras/template", need: moderator, tag: "cameras", name: "camera-template", summary: "An empty spreadsheet with explanations", media: camera.SheetType, query: []string{"lang"}, raw: a.cameraTemplate},
		{method: http.MethodGet, path: v1 + "/cameras/{id}", need: moderator, tag: "cameras", name: "get-camera", summary: "One camera", typed: typed(a, a.getCamera)},
		{method: http.MethodPatch, path: v1 + "/cameras/{id}", need: moderator, tag: "cameras", name: "patch-camera", summary: "Change a camera; a new address redials it at once", typed: typed(a, a.patchCamera)},
		{method: http.MethodDelete, path: v1 + "/cameras/{id}", need: moderator, tag: "cameras", name: "delete-camera", summary: "Delete a camera; 409 with counts if it is in use", typed: typed(a, a.deleteCamera)},
		{method: http.MethodGet, path: v1 + "/cameras/{id}/users", need: moderator, tag: "cameras", name: "list-camera-users", summary: "Who was granted it, and how", typed: typed(a, a.listCameraUsers)},
	}
}

// groupRoutes is the part of the table about groups of cameras.
func (a *API) groupRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/groups", need: moderator, tag: "groups", name: "list-groups", summary: "Groups of cameras", typed: typed(a, a.listGroups)},
		{method: http.MethodPost, path: v1 + "/groups", need: moderator, tag: "groups", name: "create-group", summary: "Make a group", status: http.StatusCreated, typed: typed(a, a.createGroup)},
		{method: http.MethodGet, path: v1 + "/groups/{id}", need: moderator, tag: "groups", name: "get-group", summary: "One group", typed: typed(a, a.getGroup)},
		{method: http.MethodPatch, path: v1 + "/groups/{id}", need: moderator, tag: "groups", name: "patch-group", summary: "Change its name or notes", typed: typed(a, a.patchGroup)},
		{method: http.MethodDelete, path: v1 + "/groups/{id}", need: moderator, tag: "groups", name: "delete-group", summary: "Delete a group and its grants", typed: typed(a, a.deleteGroup)},
		{method: http.MethodGet, path: v1 + "/groups/{id}/users", need: moderator, tag: "groups", name: "list-group-users", summary: "Who was granted it", typed: typed(a, a.listGroupUsers)},
		{method: http.MethodPut, path: v1 + "/groups/{id}/cameras/{camera_id}", need: moderator, tag: "groups", name: "add-to-group", summary: "Put a camera into it", typed: typed(a, a.addToGroup)},
		{method: http.MethodDelete, path: v1 + "/groups/{id}/cameras/{camera_id}", need: moderator, tag: "groups", name: "remove-from-group", summary: "Take a camera out of it", typed: typed(a, a.removeFromGroup)},
	}
}
