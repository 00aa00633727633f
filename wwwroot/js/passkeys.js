// Passkeys on the plain pages of accounts. A button with data-passkey="creation" or "request" asks the server for what the browser
// makes or finds one by, and sends what the browser made in the field "Form.Credential" of its form.
(() => {
    const say = (form, sentence) => {
        const place = form.querySelector("[data-passkey-error]");
        place.textContent = sentence;
        place.hidden = !sentence;
    };

    const ask = async kind => {
        const answer = await fetch(`/account/passkeys/${kind}`, { method: "POST", headers: { "X-WebTrainer": "1" } });
        if (!answer.ok) {
            throw new Error(answer.status === 429 ? "Too many tries. Wait a minute and try again." : "The server did not answer as it should. Load the page again.");
        }
        return answer.json();
    };

    const make = async (kind, options) =>
        kind === "creation"
            ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
            : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });

    document.addEventListener("click", async event => {
        const button = event.target.closest("[data-passkey]");
        if (!button) {
            return;
        }
        event.preventDefault();
        const form = button.form;
        say(form, "");
        if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
            say(form, "This browser has no passkeys, or this address is not safe (https) enough for them.");
            return;
        }
        button.disabled = true;
        try {
            const kind = button.dataset.passkey;
            const credential = await make(kind, await ask(kind));
            form.querySelector("[name='Form.Credential']").value = JSON.stringify(credential);
            form.noValidate = true; // it stands for what else is asked for in the form
            form.requestSubmit();
        } catch (fault) {
            say(form, fault.name === "NotAllowedError" ? "No passkey was chosen." : fault.message);
            button.disabled = false;
        }
    });
})();
