"""国家端模拟器: plays the national unified entry and stand-in agencies, validating every byte it sends."""
